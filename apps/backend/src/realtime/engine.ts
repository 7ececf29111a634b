import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  Server as Engine,
  type Socket as EngineSocket,
  type ErrorCallback,
  type ServerOptions,
  type Transport,
} from 'engine.io';
import { answerRaw } from '../http/raw-answer.ts';
import { requestIdOf } from '../http/request-id.ts';
import { API_HEADERS } from '../http/security-headers.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { toAppError } from '../platform/problem.ts';
import { guardTransport, type PingingSocket } from './guarded-transport.ts';

export const SOCKET_PATH = '/socket.io/';

/** What decides about requests before anything is kept for them; each throws the AppError that the client is told. */
export interface Gate {
  /** A new socket. */
  admit(req: IncomingMessage): void | Promise<void>;
  /** One more request of a socket that there is. */
  known(conn: EngineSocket): void;
  /** Whether what has come in on a socket may be decoded. */
  read(conn: EngineSocket, packets: number, bytes: number): boolean;
  /** A request that neither belongs to a socket nor begins one. */
  stray(req: IncomingMessage): Promise<void>;
}

type Refuse = (error: AppError) => void;
type EngineRequest = Parameters<Engine['handleRequest']>[0];

/** What the engine has added to a request when it makes a transport of it. */
type PreparedRequest = EngineRequest & {
  readonly _query: { readonly sid?: string };
  readonly websocket?: PingingSocket;
};

const TRANSPORTS: ReadonlySet<unknown> = new Set(['polling', 'websocket']);

const AGAIN = 'This Socket.IO session is not known here, or not in a state for this: connect again.';
const HANDSHAKE = 'This is no handshake of a Socket.IO client of version 3 or later (EIO=4).';

/** The engine's own refusals, which it would write without headers, id and shape. */
function refusalOf(code: number, reason: unknown): AppError {
  if (reason instanceof AppError) return reason;
  const { UNKNOWN_SID, BAD_HANDSHAKE_METHOD, FORBIDDEN } = Engine.errors;
  if (code === UNKNOWN_SID) return new AppError('malformed', AGAIN);
  if (code === BAD_HANDSHAKE_METHOD)
    return new AppError('method_not_allowed', 'A handshake is a GET.', { allow: ['GET'] });
  if (code === FORBIDDEN) return new AppError('forbidden', 'This socket is not allowed.');
  return new AppError('malformed', HANDSHAKE);
}

/** Answers that polling gives by status alone. */
const refusalWith = (status: number, req: IncomingMessage): AppError =>
  status === 413
    ? new AppError('payload_too_large', 'The packet is larger than this server accepts.')
    : new AppError('malformed', addressed(req)?.has('sid') ? AGAIN : HANDSHAKE);

const addressed = ({ url = '' }: IncomingMessage): URLSearchParams | undefined =>
  url.startsWith(`${SOCKET_PATH}?`) ? new URLSearchParams(url.slice(SOCKET_PATH.length)) : undefined;

/** None, or tokens of which each is named once. */
function isProtocolList(header: string | undefined): boolean {
  if (header === undefined) return true;
  const tokens = header.split(',').map((token) => token.trim());
  return (
    new Set(tokens).size === tokens.length && tokens.every((token) => /^[\w!#$%&'*+.^`|~-]+$/.test(token))
  );
}

const isForWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

/**
 * Whether a request leaves HTTP: a complete WebSocket handshake (RFC 6455, 4.2.1) for the socket path and nothing else.
 * Every other request with an Upgrade header (h2c of curl and Java, another path, a wrong version) is answered as
 * HTTP/1.1, as RFC 9110, 7.8 allows.
 */
export function isSocketHandshake(req: IncomingMessage): boolean {
  const query = addressed(req);
  return (
    req.method === 'GET' &&
    isForWebSocket(req) &&
    req.headers['sec-websocket-version'] === '13' &&
    /^[+/\dA-Za-z]{22}==$/.test(req.headers['sec-websocket-key'] ?? '') &&
    isProtocolList(req.headers['sec-websocket-protocol']) &&
    req.headers['content-length'] === undefined &&
    req.headers['transfer-encoding'] === undefined &&
    query?.get('transport') === 'websocket' &&
    query.get('EIO') === '4'
  );
}

/**
 * The engine under Socket.IO, with its two ways in: requests of polling come through Express as all others do, and
 * upgrades from the HTTP server. Neither is attached by the engine itself, which would take every upgrade there is.
 */
export function createEngine(options: ServerOptions, deps: { gate: Gate; logger: Logger }) {
  const refusals = new WeakMap<IncomingMessage, Refuse>();
  let closed = false;

  const { gate } = deps;

  class AppEngine extends Engine {
    protected override createTransport(name: 'polling' | 'websocket', req: EngineRequest): Transport {
      const transport = super.createTransport(name, req as never);
      const { _query: query, websocket } = req as PreparedRequest;
      guardTransport(transport, websocket, (packets, bytes) => {
        // Of an upgrade the query says which socket it is for.
        const conn = this.clients[query.sid ?? transport.sid];
        return conn !== undefined && gate.read(conn, packets, bytes);
      });
      return transport;
    }

    protected override verify(req: EngineRequest, upgrade: boolean, done: ErrorCallback): void {
      super.verify(req as never, upgrade, (code, context) => {
        if (code === undefined) done();
        else refusals.get(req)?.(refusalOf(code, context?.message));
      });
    }
  }

  const admit = async (req: IncomingMessage): Promise<void> => gate.admit(req);
  const engine = new AppEngine({
    ...options,
    allowRequest: (req, answer) => {
      admit(req).then(
        () => answer(null, true),
        // The engine hands the reason on as it is.
        (error: unknown) => answer(toAppError(error) as unknown as string, false),
      );
    },
  });
  engine.on('headers', (headers: Record<string, string>, req: IncomingMessage) => {
    if (req.headers.upgrade !== undefined)
      Object.assign(headers, Object.fromEntries(API_HEADERS), { 'X-Request-ID': requestIdOf(req) });
  });

  /** What a request costs that the engine would not ask about; nothing to wait for where it belongs to a socket. */
  const count = (req: IncomingMessage): Promise<void> | undefined => {
    const query = addressed(req);
    const sid = query?.get('sid');
    const clients = (engine as unknown as { clients: Readonly<Record<string, EngineSocket>> }).clients;
    const conn = sid && Object.hasOwn(clients, sid) ? clients[sid] : undefined;
    if (conn) gate.known(conn);
    else if (
      sid ||
      req.method !== 'GET' ||
      query?.get('EIO') !== '4' ||
      !TRANSPORTS.has(query.get('transport'))
    )
      return gate.stray(req);
    return undefined;
  };
  /** Goes on when the request fits, or refuses it. */
  const counted = (req: IncomingMessage, refuse: Refuse, go: () => void): void => {
    try {
      const wait = count(req);
      if (wait) wait.then(go, (error: unknown) => refuse(toAppError(error)));
      else go();
    } catch (error) {
      refuse(toAppError(error));
    }
  };

  return {
    engine,
    /** Serves long polling, and answers handshakes that are none. */
    poll(req: IncomingMessage, res: ServerResponse, refuse: Refuse): void {
      if (isForWebSocket(req)) {
        const refusal =
          req.headers['sec-websocket-version'] === '13'
            ? new AppError(
                'malformed',
                `${HANDSHAKE} Send GET with Sec-WebSocket-Key, EIO=4, transport=websocket.`,
              )
            : new AppError('upgrade_required', 'Send the WebSocket handshake of RFC 6455, with version 13.');
        gate.stray(req).then(
          () => refuse(refusal),
          (error: unknown) => refuse(toAppError(error)),
        );
        return;
      }
      refusals.set(req, refuse);
      const { writeHead, end } = res;
      res.writeHead = (status: number, ...rest: unknown[]) => {
        res.writeHead = writeHead;
        if (status < 400) return Reflect.apply(writeHead, res, [status, ...rest]);
        // The refusal takes the place of the body that the engine would end the answer with.
        res.end = () => {
          res.end = end;
          refuse(refusalWith(status, req));
          return res;
        };
        return res;
      };
      counted(req, refuse, () => engine.handleRequest(req as EngineRequest, res));
    },
    /** Takes over the connection of a request that {@link isSocketHandshake} has let through. */
    upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
      // Nobody else listens while the admission is decided; an error without a listener would end the process.
      socket.on('error', () => {});
      const refuse: Refuse = (error) => {
        const requestId = requestIdOf(req);
        deps.logger.info({ code: error.code, requestId }, 'Socket refused');
        answerRaw(socket, error, requestId);
      };
      refusals.set(req, refuse);
      if (closed)
        refuse(new AppError('unavailable', 'This server is closing: connect again.', { retryAfterS: 1 }));
      else counted(req, refuse, () => engine.handleUpgrade(req as EngineRequest, socket, head));
    },
    close(): void {
      closed = true;
      engine.close();
    },
  };
}
