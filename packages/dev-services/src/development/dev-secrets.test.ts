import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { missingSecrets } from './dev-secrets.ts';

const EXAMPLE = `
# Address to listen on.
#HOST=127.0.0.1

# Where queries go.
# Required. Set it, or run "npm run dev".
DATABASE_URL=postgresql://localhost/plinth

# Signs access tokens.
# Required. Make one with: openssl rand -base64 48
JWT_SECRET=

# Encrypts personal data.
# Required. Make one with: openssl rand -hex 32
ENCRYPTION_KEY=
`;

describe('development secrets', () => {
  test('every required variable that is made with openssl gets a random value of that size', () => {
    const made = parseEnv(missingSecrets(EXAMPLE, '').join('\n'));
    expect(Object.keys(made).sort()).toEqual(['ENCRYPTION_KEY', 'JWT_SECRET']);
    expect(made.JWT_SECRET).toMatch(/^[\w-]{64}$/);
    expect(made.ENCRYPTION_KEY).toMatch(/^[\da-f]{64}$/);
  });

  test('two folders get different secrets', () => {
    expect(missingSecrets(EXAMPLE, '')).not.toEqual(missingSecrets(EXAMPLE, ''));
  });

  test('a value that is there already is kept, and only new variables are added', () => {
    const added = missingSecrets(EXAMPLE, 'JWT_SECRET=mine\n');
    expect(added).toEqual([expect.stringMatching(/^ENCRYPTION_KEY=/)]);
    expect(missingSecrets(EXAMPLE, 'JWT_SECRET=mine\nENCRYPTION_KEY=mine too\n')).toEqual([]);
  });
});
