import { createHash, createSecretKey, type KeyObject } from 'node:crypto';

export interface SigningKey {
  /** Key id in the token's header: the start of the secret's digest. */
  readonly kid: string;
  readonly key: KeyObject;
}

/** The present key, which signs, and all keys that are accepted, by their id. */
export interface KeyRing {
  readonly current: SigningKey;
  readonly byId: ReadonlyMap<string, KeyObject>;
}

const toKey = (secret: string): SigningKey => ({
  kid: createHash('sha256').update(`kid:${secret}`).digest('base64url').slice(0, 12),
  key: createSecretKey(Buffer.from(secret)),
});

/** Makes a key ring of secrets, the present one first. */
export function createKeyRing([present, ...previous]: readonly string[]): KeyRing {
  if (present === undefined) throw new Error('A key ring needs a secret.');
  const current = toKey(present);
  const keys = [current, ...previous.map(toKey)];
  return { current, byId: new Map(keys.map(({ kid, key }) => [kid, key])) };
}
