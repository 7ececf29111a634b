import { integer, oneOf, rate, type Variable, variable } from './variable.ts';

/** The limits, each written like `60/minute`. */
export const rateLimitVariables = {
  RATE_LIMIT_GENERAL: variable({
    section: 'Rate limits',
    doc: 'Budget of ordinary routes for each user, or each address when signed out. What is refused before a route is found counts for the address.',
    schema: rate,
    fallback: (env) => (env === 'production' ? '1000/hour' : '20000/hour'),
  }),
  RATE_LIMIT_AUTH: variable({
    section: 'Rate limits',
    doc: 'Budget of sign-ups, and of wrong sign-ins, for each address (IPv6: /64). All sign-ins together, right ones too, have a hundred times as much. Wider networks have a multiple: /24 eight times, /56 four times, /48 sixteen times.',
    schema: rate,
    fallback: (env) => (env === 'production' ? '10/5 minutes' : '300/5 minutes'),
  }),
  RATE_LIMIT_AUTH_WITHOUT_REDIS: variable({
    section: 'Rate limits',
    doc: 'While Redis is down: "local" counts in each process, "closed" answers 503.',
    schema: oneOf('local', 'closed'),
    fallback: 'local',
  }),
  RATE_LIMIT_ACCOUNT: variable({
    section: 'Rate limits',
    doc: 'Budget of wrong sign-ins at one account from everywhere together. All sign-ins to it have ten times as much. A device that was signed in to the account before has a budget of the same size for itself.',
    schema: rate,
    fallback: (env) => (env === 'production' ? '10/15 minutes' : '100/15 minutes'),
  }),
  RATE_LIMIT_SESSION: variable({
    section: 'Rate limits',
    doc: 'Budget of refresh and logout, and another of socket handshakes, for each session; for each address when no genuine refresh token comes along.',
    schema: rate,
    fallback: '120/minute',
  }),
  RATE_LIMIT_INVITATIONS: variable({
    section: 'Rate limits',
    doc: 'Budget of invitations that one person sends, refused ones too. An organisation has five times as much.',
    schema: rate,
    fallback: (env) => (env === 'production' ? '30/hour' : '300/hour'),
  }),
  RATE_LIMIT_ORGANIZATIONS: variable({
    section: 'Rate limits',
    doc: 'Budget of organisations that one person founds.',
    schema: rate,
    fallback: (env) => (env === 'production' ? '10/day' : '1000/day'),
  }),
  RATE_LIMIT_PROBES: variable({
    section: 'Rate limits',
    doc: 'Budget of /readyz for each address in each process.',
    schema: rate,
    fallback: '600/minute',
  }),
  RATE_LIMIT_TELL_EVERY_MS: variable({
    section: 'Rate limits',
    doc: 'How often the hits of a busy client are told to Redis. In between each process may let through a tenth of what was left of the budget; 0 asks Redis at every request. Sign-in is always exact.',
    schema: integer(0, 10_000),
    fallback: '200',
  }),
  SOCKET_EVENTS: variable({
    section: 'Rate limits',
    doc: 'Budget of socket events of each user, over all sockets and instances. Events that do what a route does count in RATE_LIMIT_GENERAL too. Ten times as much ends the socket.',
    schema: rate,
    fallback: '600/minute',
  }),
  SOCKET_HANDSHAKES: variable({
    section: 'Rate limits',
    doc: 'Failed handshakes of sockets (no or a wrong token, a foreign page, nothing said) for each address and its wider networks, as for RATE_LIMIT_AUTH. Beyond, further ones wait in a slow line. Who shows a genuine token or cookie has a budget of the size of RATE_LIMIT_SESSION instead.',
    schema: rate,
    fallback: '60/minute',
  }),
  SOCKETS_PER_USER: variable({
    section: 'Rate limits',
    doc: 'Open sockets of one user, over all instances; one more is refused.',
    schema: integer(1, 10_000),
    fallback: '20',
  }),
} satisfies Record<string, Variable>;
