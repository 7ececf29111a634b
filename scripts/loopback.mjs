/**
 * Imported for its effect: loopback never goes through a proxy. With `NODE_USE_ENV_PROXY=1` Node takes HTTP_PROXY for
 * every address, so that `npm run dev` would ask a proxy whether its own server is ready. Plain JavaScript, because
 * preflight.mjs is also run by an older Node.
 */
const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]'];

const { env } = process;
const excepted = `${env.no_proxy || ''},${env.NO_PROXY || ''}`
  .split(',')
  .map((host) => host.trim())
  .filter(Boolean);
// Both spellings are in use. What is started from here inherits them.
env.NO_PROXY = env.no_proxy = [...new Set([...excepted, ...LOOPBACK])].join(',');
