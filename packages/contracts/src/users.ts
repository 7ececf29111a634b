import { z } from 'zod';
import { Id, Timestamp, text } from './common.ts';
import { defineContract } from './contract.ts';
import { PlatformRole } from './roles.ts';

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
    status: 200,
    reply: User,
  },
  updateMe: {
    method: 'patch',
    path: '/users/me',
    summary: 'Change the own profile',
    access: 'authenticated',
    body: z.strictObject({ name: text(80) }),
    status: 200,
    reply: User,
  },
});
