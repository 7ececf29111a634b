/** Stands for this app while an address is taken apart. */
const HERE = 'https://here.invalid';

/** Where to go after signing in, from the address: only a path of this app, never another site (ASVS 3.7.2). */
export const nextPage = (wanted: unknown): string => {
  if (typeof wanted !== 'string' || !wanted.startsWith('/') || !URL.canParse(wanted, HERE)) return '/';
  // The browser's own parser decides: to it "//host", "/\\host" and "/<tab>/host" are other sites.
  const { origin, pathname, search, hash } = new URL(wanted, HERE);
  return origin === HERE ? `${pathname}${search}${hash}` : '/';
};
