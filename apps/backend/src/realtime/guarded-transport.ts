import { parser as engineParser, type Transport } from 'engine.io';

/** What stands between the packets of one polling request. */
const SEPARATOR = '\x1e';

type Parser = typeof engineParser;
type RawData = Parameters<Parser['decodePacket']>[0];

/** Counts what has come in. @returns whether it may be decoded */
type MayRead = (packets: number, bytes: number) => boolean;

export interface PingingSocket {
  on(event: 'ping' | 'pong', listener: (data: Buffer) => void): unknown;
}

/** Stands for what was not decoded, and means nothing. */
const NOTHING = { type: 'noop' } as const;

const bytesOf = (data: RawData): number =>
  typeof data === 'string' ? Buffer.byteLength(data) : (data as Buffer).byteLength;

function packetsIn(payload: string): number {
  let packets = 1;
  for (let at = payload.indexOf(SEPARATOR); at !== -1; at = payload.indexOf(SEPARATOR, at + 1)) packets += 1;
  return packets;
}

/**
 * Asks about everything that comes in on a transport before it is decoded: the engine decodes all packets of a polling
 * request at once and tells nobody of the pings of WebSocket, which it answers.
 */
export function guardTransport(
  transport: Transport,
  websocket: PingingSocket | undefined,
  mayRead: MayRead,
): void {
  const guarded: Parser = {
    ...engineParser,
    decodePacket: (data, binaryType) =>
      mayRead(1, bytesOf(data)) ? engineParser.decodePacket(data, binaryType) : NOTHING,
    decodePayload: (payload, binaryType) =>
      mayRead(packetsIn(payload), bytesOf(payload)) ? engineParser.decodePayload(payload, binaryType) : [],
  };
  Object.assign(transport, { parser: guarded });
  for (const frame of ['ping', 'pong'] as const)
    websocket?.on(frame, (data) => void mayRead(1, data.byteLength));
}
