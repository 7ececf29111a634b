import { describe, expect, test } from '@jest/globals';
import { defineContract } from '@plinth/contracts';
import { z } from 'zod';
import { bindRoutes } from './bind-routes.ts';

const contract = defineContract({
  readThing: {
    method: 'get',
    path: '/orgs/:orgId/things/:id',
    summary: 'One thing',
    access: { orgRoles: ['OWNER'] },
    params: z.strictObject({ orgId: z.uuid(), id: z.uuid() }),
    status: 200,
    reply: z.object({ id: z.string(), size: z.int() }),
  },
  listThings: {
    method: 'get',
    path: '/things',
    summary: 'All',
    access: 'public',
    status: 200,
    reply: z.object({}),
  },
});

// As in the contracts: the type checker fails when one of these compiles.
describe('binding', () => {
  test('gives handlers the parsed input and the context that their access promises', () => {
    const bound = bindRoutes(contract, {
      readThing: ({ ctx, params }) => ({ id: params.id, size: ctx.membership.role.length }),
      listThings: () => ({}),
    });
    expect(bound.map(({ name, contract: { method, path } }) => [name, method, path])).toEqual([
      ['readThing', 'get', '/orgs/:orgId/things/:id'],
      ['listThings', 'get', '/things'],
    ]);
  });

  test('without a handler for every route does not compile', () => {
    // @ts-expect-error: listThings is missing
    expect(bindRoutes(contract, { readThing: ({ params }) => ({ id: params.id, size: 1 }) })).toHaveLength(2);
  });

  test('to a handler that answers less than the contract says does not compile', () => {
    const listThings = () => ({});
    // @ts-expect-error: size is missing
    expect(bindRoutes(contract, { listThings, readThing: () => ({ id: 'x' }) })).toHaveLength(2);
  });

  test('to a handler that takes a public route for a signed-in one does not compile', () => {
    const readThing = () => ({ id: 'x', size: 1 });
    // @ts-expect-error: a public route has no membership
    expect(bindRoutes(contract, { readThing, listThings: ({ ctx }) => ctx.membership })).toHaveLength(2);
  });
});
