import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

const HEADER = `# Secrets of this folder's development environment, made at the first start. Ignored by git.
# Every variable is explained in .env.example; settings of your own may be added here.
`;

/** A required variable whose remedy in `.env.example` is a command that makes a random value. */
const GENERATED = /^# Required\.[^\n]*openssl rand -(base64|hex) (\d+)[^\n]*\n([A-Z][A-Z0-9_]*)=/gm;

/**
 * The lines to add so that every secret has a value. What is set already is never touched.
 *
 * @param example text of `.env.example`
 * @param current text of `.env`, empty if there is none
 */
export function missingSecrets(example: string, current: string): string[] {
  const known = parseEnv(current);
  return [...example.matchAll(GENERATED)].flatMap(([, encoding, bytes, name]) => {
    if (name === undefined || known[name]) return [];
    const value = randomBytes(Number(bytes)).toString(encoding === 'hex' ? 'hex' : 'base64url');
    return [`${name}=${value}`];
  });
}

/**
 * Writes the secrets that development needs and that are not there yet into the folder's `.env`, readable by its
 * owner only.
 *
 * @returns the names of the new variables
 */
export async function ensureSecrets(folder: string): Promise<string[]> {
  const path = join(folder, '.env');
  const example = await readFile(join(folder, '.env.example'), 'utf8');
  const current = await readFile(path, 'utf8').catch(() => undefined);
  const lines = missingSecrets(example, current ?? '');
  if (lines.length === 0) return [];
  const before = current === undefined ? HEADER : current.replace(/\n*$/, '\n');
  await writeFile(path, `${before}${lines.join('\n')}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
  return lines.flatMap((line) => line.split('=')[0] ?? []);
}

/** The variables of a folder's `.env`; none if there is no such file. */
export async function readSecrets(folder: string): Promise<Record<string, string>> {
  const text = await readFile(join(folder, '.env'), 'utf8').catch(() => '');
  return Object.fromEntries(
    Object.entries(parseEnv(text)).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}
