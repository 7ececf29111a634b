import { z } from 'zod';
import { defineContract } from './contract.ts';

const Check = z.object({ status: z.enum(['up', 'down', 'off']), required: z.boolean() });

export const healthContract = defineContract({
  health: {
    method: 'get',
    path: '/health',
    root: true,
    summary: 'Is the service up? For people and load balancers',
    access: 'public',
    limit: 'none',
    status: 200,
    reply: z.object({ status: z.literal('healthy') }),
  },
  live: {
    method: 'get',
    path: '/healthz',
    root: true,
    summary: 'Liveness: the process answers; touches no dependency',
    access: 'public',
    limit: 'none',
    status: 200,
    reply: z.object({ status: z.literal('alive') }),
  },
  ready: {
    method: 'get',
    path: '/readyz',
    root: true,
    summary: 'Readiness: dependencies answer and the process is not shutting down; 503 otherwise',
    access: 'public',
    limit: 'probe',
    errors: ['not_ready'],
    status: 200,
    reply: z.object({
      status: z.enum(['ready', 'degraded']),
      checks: z.record(z.string(), Check),
    }),
  },
  about: {
    method: 'get',
    path: '/about',
    summary: 'Name and version of the running service',
    access: 'public',
    status: 200,
    reply: z.object({ name: z.string(), version: z.string() }),
  },
});
