import { describe, expect, test } from '@jest/globals';
import { connectionRemedy } from './connection-remedy.ts';

const server = (code: string, message: string) =>
  Object.assign(new Error(message), { code, severity: 'FATAL' });
const node = (code: string) => Object.assign(new Error(`${code} secret-host`), { code });

describe('the remedy for a connection that fails', () => {
  test.each([
    [
      server('08P01', 'unsupported startup parameter: statement_timeout'),
      /add pgbouncer=true to DATABASE_URL/,
    ],
    [server('08P01', 'unsupported startup parameter in options: search_path'), /add pgbouncer=true/],
    [server('08P01', 'SASL authentication failed'), /User or password/],
    [server('28P01', 'password authentication failed for user "secret-user"'), /User or password/],
    [server('28000', 'role "secret-user" does not exist'), /User or password/],
    [
      server('28000', 'no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", no encryption'),
      /sslmode/,
    ],
    [
      server('28000', 'no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", SSL encryption'),
      /pg_hba/,
    ],
    [server('3D000', 'database "secret-db" does not exist'), /create it/],
    [server('08P01', 'database "secret-db" does not exist'), /create it/],
    [server('53300', 'sorry, too many clients already'), /connection_limit/],
    [server('53300', 'too many connections for role "secret-user"'), /CONNECTION LIMIT/],
    [server('08P01', 'no more connections allowed (max_client_conn)'), /max_client_conn/],
    [server('08P01', 'query_wait_timeout'), /default_pool_size/],
    [server('08P01', 'transaction blocks not allowed in statement pooling mode'), /pool_mode = transaction/],
    [server('08P01', 'server login has been failing, try again later'), /PgBouncer cannot log in/],
    [new Error('The server does not support SSL connections'), /sslmode/],
    [new Error('timeout expired'), /connect_timeout/],
    [node('ECONNREFUSED'), /Nothing answers/],
    [new AggregateError([node('ECONNREFUSED'), node('ECONNREFUSED')]), /Nothing answers/],
    [node('ENOTFOUND'), /host is unknown/],
    [node('SELF_SIGNED_CERT_IN_CHAIN'), /sslrootcert/],
    [node('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), /sslrootcert/],
    [node('CERT_HAS_EXPIRED'), /expired/],
    [node('ERR_TLS_CERT_ALTNAME_INVALID'), /another name/],
  ])('%s', (error, remedy) => {
    expect(connectionRemedy(error)).toMatch(remedy);
    expect(connectionRemedy(error)).not.toMatch(/secret|1\.2\.3\.4/);
  });

  test('speaks of the variable that the purpose uses', () => {
    const pooled = server('08P01', 'unsupported startup parameter: options');
    expect(connectionRemedy(pooled, 'migrations')).toMatch(/set DIRECT_URL to the address of PostgreSQL/);
    expect(connectionRemedy(node('ENOTFOUND'), 'migrations')).toMatch(/DIRECT_URL/);
  });

  test.each([
    [server('23505', 'duplicate key value violates "query_wait_timeout"')],
    [new Error('anything')],
    ['text'],
    [undefined],
  ])('is none for %s', (error) => {
    expect(connectionRemedy(error)).toBeUndefined();
  });
});
