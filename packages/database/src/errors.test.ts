import { describe, expect, test } from '@jest/globals';
import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import {
  classifyDatabaseError,
  DatabaseTimeoutError,
  sqlState,
  TransactionRolledBackError,
  violatedConstraint,
} from './errors.ts';
import { Prisma } from './generated/client.ts';

const serverError = (code: string, fields: Partial<pg.DatabaseError> = {}) =>
  Object.assign(new pg.DatabaseError('as the server says', 0, 'error'), {
    code,
    severity: 'ERROR',
    ...fields,
  });

const prismaError = (code: string, meta?: Record<string, unknown>) =>
  new Prisma.PrismaClientKnownRequestError('Invalid invocation', {
    code,
    clientVersion: 'x',
    ...(meta && { meta }),
  });

const socketError = (code: string) =>
  Object.assign(new Error(`connect ${code}`), { code, syscall: 'connect' });

describe('an error of the database is told apart', () => {
  test.each([
    ['08006', 'unavailable'],
    ['08P01', 'unavailable'],
    ['28P01', 'unavailable'],
    ['53300', 'unavailable'],
    ['57P01', 'unavailable'],
    ['57P03', 'unavailable'],
    ['25006', 'unavailable'],
    ['57014', 'timeout'],
    ['55P03', 'timeout'],
    ['25P03', 'timeout'],
    ['23505', 'unique'],
    ['23503', 'foreign-key'],
    ['40001', 'serialization'],
    ['40P01', 'serialization'],
    ['23514', 'unknown'],
    ['42P01', 'unknown'],
  ])('SQLSTATE %s is %s, from pg as from Prisma', (code, kind) => {
    expect(classifyDatabaseError(serverError(code))).toBe(kind);
    const cause = { kind: 'postgres', originalCode: code };
    expect(classifyDatabaseError(prismaError('P2010', { driverAdapterError: { cause } }))).toBe(kind);
  });

  test.each([
    ['P1001', 'unavailable'],
    ['P2024', 'unavailable'],
    ['P2002', 'unique'],
    ['P2003', 'foreign-key'],
    ['P2025', 'not-found'],
    ['P2028', 'timeout'],
    ['P2034', 'serialization'],
    ['P2000', 'unknown'],
  ])('%s of Prisma is %s', (code, kind) => {
    expect(classifyDatabaseError(prismaError(code))).toBe(kind);
  });

  test.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE'])(
    'the socket error %s is unavailable',
    (code) => {
      expect(classifyDatabaseError(socketError(code))).toBe('unavailable');
    },
  );

  test('a transaction that took too long is a timeout', () => {
    expect(classifyDatabaseError(new DatabaseTimeoutError('too long'))).toBe('timeout');
  });

  test('a rollback that nobody was told of is a fault of the program, whatever its cause', () => {
    const error = new TransactionRolledBackError({ cause: serverError('23505') });
    expect(classifyDatabaseError(error)).toBe('unknown');
    expect(violatedConstraint(error)).toBeUndefined();
  });

  test.each([
    new Error('anything else'),
    new TypeError('x'),
    'text',
    undefined,
    null,
    42,
    { code: 'constructor' },
  ])('anything else is unknown: %p', (error) => {
    expect(classifyDatabaseError(error)).toBe('unknown');
  });
});

describe('the SQLSTATE', () => {
  test('is not mistaken for a code of Prisma or of Node, which may look alike', () => {
    expect(sqlState(prismaError('P2002'))).toBeUndefined();
    expect(sqlState(socketError('EPIPE'))).toBeUndefined();
  });

  test('is found in an error of the driver adapter itself', () => {
    const error = new DriverAdapterError({ kind: 'TransactionWriteConflict', originalCode: '40001' });
    expect(sqlState(error)).toBe('40001');
  });
});

describe('the violated constraint', () => {
  test('has the same name from pg and from Prisma', () => {
    const cause = { originalCode: '23505', constraint: { index: 'users_email_key' } };
    expect(violatedConstraint(serverError('23505', { constraint: 'users_email_key' }))).toBe(
      'users_email_key',
    );
    expect(violatedConstraint(prismaError('P2002', { driverAdapterError: { cause } }))).toBe(
      'users_email_key',
    );
  });

  test('is only told for unique and foreign-key violations', () => {
    expect(violatedConstraint(serverError('23514', { constraint: 'positive' }))).toBeUndefined();
    expect(violatedConstraint(new Error('x'))).toBeUndefined();
  });
});
