import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineContract, routePath } from './contract.ts';
import { defineEvents } from './events.ts';
import { contracts } from './index.ts';

const route = {
  method: 'get',
  path: '/things',
  summary: 'Things',
  status: 200,
  reply: z.object({}),
} as const;

// What must not compile is checked by the type checker: an unused @ts-expect-error is an error itself.
describe('a route', () => {
  test('without access does not compile', () => {
    // @ts-expect-error: access is missing
    expect(defineContract({ listThings: route })).toBeDefined();
    expect(defineContract({ listThings: { ...route, access: 'public' } })).toBeDefined();
  });

  test('with a role that does not exist, or an empty list of roles, does not compile', () => {
    // @ts-expect-error: no such role
    expect(defineContract({ listThings: { ...route, access: { orgRoles: ['BOSS'] } } })).toBeDefined();
    // @ts-expect-error: nobody could ever call it
    expect(defineContract({ listThings: { ...route, access: { roles: [] } } })).toBeDefined();
  });

  test('is mounted below the version, unless it has a fixed address', () => {
    expect(routePath({ ...route, access: 'public' })).toBe('/api/v1/things');
    expect(routePath({ ...route, access: 'public', root: true })).toBe('/things');
  });
});

test('an event without access, or open to everybody, does not compile', () => {
  const event = { summary: 'Wave', payload: z.object({}), reply: z.object({}) };
  // @ts-expect-error: access is missing
  expect(defineEvents({ client: { wave: event }, server: {} })).toBeDefined();
  // @ts-expect-error: a socket always has a user
  expect(defineEvents({ client: { wave: { ...event, access: 'public' } }, server: {} })).toBeDefined();
});

describe('all contracts together', () => {
  const routes = Object.values(contracts).flatMap((contract) => Object.entries(contract));

  test('give each address and each name once', () => {
    const addresses = routes.map(([, { method, ...rest }]) => `${method} ${routePath({ method, ...rest })}`);
    expect(new Set(addresses).size).toBe(addresses.length);
    const names = routes.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('name the organisation in the path wherever access depends on it', () => {
    const scoped = routes.filter(([, { access }]) => typeof access === 'object' && 'orgRoles' in access);
    expect(scoped.length).toBeGreaterThan(2);
    for (const [name, { path, params }] of scoped as [string, { path: string; params?: z.ZodObject }][]) {
      expect([name, path.startsWith('/orgs/:orgId')]).toEqual([name, true]);
      expect([name, Object.keys(params?.shape ?? {})]).toEqual([
        name,
        [...path.matchAll(/:(\w+)/g)].map(([, id]) => id),
      ]);
    }
  });

  test('refuse unknown fields everywhere', () => {
    for (const [name, { body, query, params }] of routes as [
      string,
      Record<'body' | 'query' | 'params', z.ZodObject | undefined>,
    ][]) {
      for (const part of [body, query, params]) {
        if (!part) continue;
        const { error } = part.safeParse({ 'surely-unknown': 1 });
        expect([name, error?.issues.some(({ code }) => code === 'unrecognized_keys')]).toEqual([name, true]);
      }
    }
  });
});
