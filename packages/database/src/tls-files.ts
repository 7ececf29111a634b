/** Reading the certificates and the key that a connection URL names. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from './database-url.ts';
import { DatabaseUrlError } from './database-url-error.ts';
import { codeOf } from './unknown-error.ts';

/** As Node's TLS takes them, in PEM. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

function readPem(parameter: string, path: string, expected: string, parse: (pem: string) => unknown): string {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    throw new DatabaseUrlError(
      `The file that ${parameter} names cannot be read (${codeOf(error) ?? 'unknown error'}). Give the absolute path of a file that the user of this process may read.`,
    );
  }
  try {
    parse(pem);
  } catch {
    throw new DatabaseUrlError(`The file that ${parameter} names must hold ${expected} in PEM format.`);
  }
  return pem;
}

const certificate = (pem: string) => new X509Certificate(pem);

/** @throws DatabaseUrlError naming the parameter whose file is missing, unreadable or of another kind */
export function readTlsFiles({ rootCertificate, clientCertificate, clientKey }: TlsFiles): TlsMaterial {
  const material: TlsMaterial = {
    ...(rootCertificate && {
      ca: readPem('sslrootcert', rootCertificate, 'the certificate of an authority', certificate),
    }),
    ...(clientCertificate && {
      cert: readPem('sslcert', clientCertificate, 'the certificate of this client', certificate),
    }),
    ...(clientKey && {
      key: readPem('sslkey', clientKey, 'a private key without a passphrase', createPrivateKey),
    }),
  };
  try {
    createSecureContext(material);
  } catch {
    throw new DatabaseUrlError(
      'sslcert and sslkey do not belong together: the key is not that of the certificate.',
    );
  }
  return material;
}
