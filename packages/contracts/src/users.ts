import { z } from 'zod';
import { Id, PlatformRole, Timestamp } from './common.ts';
import { defineContract } from './contract.ts';
import { singleLine } from './fields.ts';

/** Longest name of a person or an organisation, in code points. */
export const MAX_NAME = 80;

export const User = z.object({
  id: Id,
  email: z.string(),
  name: z.string(),
  role: PlatformRole,
  createdAt: Timestamp,
});
export type User = z.output<typeof User>;

export const usersContract = defineContract({
  getMe: {
    method: 'get',
    path: '/users/me',
    summary: 'The signed-in user',
    access: 'authenticated',
    errors: ['not_found'],
    status: 200,
    reply: User,
  },
  updateMe: {
    method: 'patch',
    path: '/users/me',
    summary: 'Change the own profile',
    access: 'authenticated',
    body: z.strictObject({ name: singleLine(MAX_NAME) }),
    errors: ['not_found'],
    status: 200,
    reply: User,
  },
});
