import type { ServerResponse } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Request } from 'express';
import { AppError } from '../platform/errors.ts';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** `application/json` and what is JSON by its suffix (RFC 6839), with an optional parameter list. */
const JSON_TYPE = /^application\/(?:[\w.!#$&^-]+\+)?json[ \t]*(?:;(.*))?$/i;
const CHARSET = /(?:^|;)[ \t]*charset[ \t]*=[ \t]*"?([^\s";]*)"?/i;

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const tooLarge = (limit: number) =>
  new AppError(
    'payload_too_large',
    `The body is larger than this server accepts: send at most ${limit} bytes.`,
  );

/** Refuses by the headers alone what need not be read. */
function decoderOf({ headers }: Request, limit: number): (() => Transform) | undefined {
  const type = JSON_TYPE.exec(headers['content-type'] ?? '');
  if (!type)
    throw new AppError(
      'unsupported_media_type',
      'Send the body as JSON with "Content-Type: application/json".',
    );
  const charset = CHARSET.exec(type[1] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    throw new AppError('unsupported_media_type', 'The charset of the body is not supported. Send UTF-8.');
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return undefined;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (!decoder)
    throw new AppError(
      'unsupported_media_type',
      `The encoding of the body is not supported. Send it as it is, or as ${Object.keys(DECODERS).join(', ')}.`,
    );
  return decoder;
}

/** Everything a stream brings, up to a limit; what comes after a refusal is read and forgotten by the server. */
function collect(req: Request, decoder: Transform | undefined, limit: number): Promise<Buffer> {
  const source: Readable = decoder ? req.pipe(decoder) : req;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const leave = () => {
      source.off('data', onData);
      if (!decoder) return;
      req.unpipe(decoder);
      decoder.destroy();
      req.resume();
    };
    const fail = (error: AppError) => {
      leave();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) fail(tooLarge(limit));
      else chunks.push(chunk);
    };
    source.on('data', onData);
    source.once('end', () => {
      leave();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    decoder?.on('error', () =>
      fail(new AppError('malformed', 'The body is not encoded as its Content-Encoding says.')),
    );
    req.once('error', () => fail(new AppError('malformed', 'The body ended before it was complete.')));
  });
}

/**
 * Reads the JSON body of a request that may be answered. Nothing is read, and nobody is asked to send
 * (`Expect: 100-continue`), before this is called.
 * @param limit largest body in bytes, after decoding
 * @returns the value; undefined when there is no body
 * @throws AppError unsupported_media_type, payload_too_large or malformed
 */
export async function readJson(req: Request, res: ServerResponse, limit: number): Promise<unknown> {
  if (!hasBody(req)) return undefined;
  const decoder = decoderOf(req, limit);
  if (req.headers.expect !== undefined && req.httpVersion === '1.1') res.writeContinue();
  const bytes = await collect(req, decoder?.(), limit);
  if (bytes.length === 0) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new AppError('malformed', 'The body is not valid UTF-8.', { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('malformed', 'The body is not valid JSON.', { cause: error });
  }
}
