import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readTlsFiles } from './tls-files.ts';

let folder: string;
const file = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-tls-'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(file('ca.pem'), rootCertificates[0] ?? '');
  writeFileSync(file('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(
    file('locked.pem'),
    privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'locked' }),
  );
  writeFileSync(file('text.pem'), 'not a certificate');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('certificates and keys are read', () => {
  expect(readTlsFiles({})).toEqual({});
  expect(readTlsFiles({ rootCertificate: file('ca.pem') })).toEqual({ ca: rootCertificates[0] });
});

test.each([
  ['sslrootcert', { rootCertificate: 'missing.pem' }, /ENOENT.*absolute path/],
  ['sslrootcert', { rootCertificate: '.' }, /EISDIR/],
  ['sslrootcert', { rootCertificate: 'text.pem' }, /certificate of an authority in PEM/],
  ['sslrootcert', { rootCertificate: 'key.pem' }, /certificate of an authority in PEM/],
  ['sslcert', { clientCertificate: 'missing.pem', clientKey: 'key.pem' }, /ENOENT/],
  ['sslkey', { clientCertificate: 'ca.pem', clientKey: 'missing.pem' }, /ENOENT/],
  ['sslkey', { clientCertificate: 'ca.pem', clientKey: 'ca.pem' }, /private key/],
  ['sslkey', { clientCertificate: 'ca.pem', clientKey: 'locked.pem' }, /without a passphrase/],
  ['sslkey', { clientCertificate: 'ca.pem', clientKey: 'key.pem' }, /do not belong together/],
])('a wrong %s is named: %j', (parameter, names, message) => {
  const files = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, file(name)]));
  const read = () => readTlsFiles(files);
  expect(read).toThrow(expect.objectContaining({ name: 'DatabaseUrlError' }));
  expect(read).toThrow(new RegExp(parameter));
  expect(read).toThrow(message);
  expect(read).toThrow(expect.not.stringContaining(folder));
});
