import type { Tx } from '@plinth/database';

/** The demo data of one module. */
export interface Seed {
  /** Plural noun for the report. */
  readonly what: string;
  /** Adds what is missing and changes nothing that is there. Resolves to the number of rows added. */
  add(tx: Tx): Promise<number>;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** A fixed id, so that a second run finds the rows of the first. `kind` keeps the tables apart. */
export const fixedId = (kind: number, number: number): string =>
  `00000000-0000-7000-8${hex(kind, 3)}-${hex(number, 12)}`;

/** An id of UUID version 7 (RFC 9562) for a moment in milliseconds: it sorts by time. */
export const timeId = (ms: number, number: number): string =>
  `${hex(ms, 12).replace(/^(.{8})/, '$1-')}-7000-8000-${hex(number, 12)}`;
