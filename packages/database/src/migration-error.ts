export type MigrationErrorCode =
  | 'no-folder'
  | 'no-connection'
  | 'not-direct'
  | 'locked'
  | 'edited'
  | 'diverged'
  | 'failed'
  | 'unknown-migration'
  | 'bad-name'
  | 'refused';

/** A migration command could not do its work. The message says why and what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
