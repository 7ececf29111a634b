import { Decoder as AnyDecoder } from 'socket.io-parser';

export { Encoder, PacketType } from 'socket.io-parser';

/** Reads the packets of one connection: without attachments, which no event of ours has, and for one person only. */
export class Decoder extends AnyDecoder {
  #connected = false;

  constructor() {
    super({ maxAttachments: 0 });
  }

  /** @throws Error for whatever must end the connection */
  override add(data: unknown): void {
    if (typeof data === 'string' && data.startsWith('0')) {
      // Each would be a socket of its own, and the second might belong to somebody else.
      if (this.#connected) throw new Error('a connection is for one CONNECT');
      this.#connected = true;
    }
    super.add(data);
  }
}
