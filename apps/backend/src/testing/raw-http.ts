import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface RawReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A connection to the server at this address, for what no HTTP client would send. */
export async function connectTo(url: string): Promise<Socket> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** The replies that a text consists of; bodies must have a Content-Length. */
export function parseReplies(received: string): RawReply[] {
  const replies: RawReply[] = [];
  let rest = received;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) throw new Error(`Not a reply: ${rest.slice(0, 200)}`);
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1];
    if (!status) throw new Error(`Not a status line: ${statusLine}`);
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const length = Number(headers['content-length'] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    replies.push({ status: Number(status), headers, body });
    rest = rest.slice(end + 4 + length);
  }
  return replies;
}

/** Sends these bytes and returns the replies once the server has hung up. */
export async function exchange(url: string, bytes: string): Promise<RawReply[]> {
  const socket = await connectTo(url);
  socket.write(bytes);
  return parseReplies(await text(socket));
}

/** Sends these bytes and returns what the server has sent when it contains `needle`; the connection stays open. */
export async function ask(socket: Socket, bytes: string, needle: string): Promise<string> {
  let received = '';
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      received += chunk;
      if (!received.includes(needle)) return;
      socket.off('data', onData);
      resolve(received);
    };
    socket.on('data', onData);
    socket.once('close', () => reject(new Error(`Closed before "${needle}": ${received}`)));
    socket.write(bytes);
  });
}
