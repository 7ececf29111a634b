import { z } from 'zod';
import { ORG_ROLES, PLATFORM_ROLES } from './roles.ts';

/** Ids are compared as text in room names, so one spelling must be enough. */
export const Id = z.uuid().toLowerCase();

/** Every moment travels as ISO 8601 in UTC; a handler may return a `Date`. */
export const Timestamp = z
  .union([z.date().transform((date) => date.toISOString()), z.iso.datetime()])
  .pipe(z.iso.datetime());

export const ByOrg = z.strictObject({ orgId: Id });

/** Number that the database gives to a change of a channel: 1, 2, 3 … without a gap. 0 is before the first. */
export const Seq = z.int().min(0);

export const PlatformRole = z.enum(PLATFORM_ROLES);
export type PlatformRole = z.infer<typeof PlatformRole>;

export const OrgRole = z.enum(ORG_ROLES);
export type OrgRole = z.infer<typeof OrgRole>;
