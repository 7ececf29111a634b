import { z } from 'zod';

/** Ids are compared as text in room names, so one spelling must be enough. */
export const Id = z.uuid().toLowerCase();

/** Every moment travels as ISO 8601 in UTC; a handler may return a `Date`. */
export const Timestamp = z
  .union([z.date().transform((date) => date.toISOString()), z.iso.datetime()])
  .pipe(z.iso.datetime());

export const ByOrg = z.strictObject({ orgId: Id });
