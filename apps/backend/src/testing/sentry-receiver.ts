import { createRecordingServer, type RecordedCall } from './recording-server.ts';

/** One item of an envelope, together with the envelope's header. */
export interface ReceivedItem {
  readonly type: string;
  readonly envelope: Readonly<Record<string, unknown>>;
  /** Parsed when it is JSON, the text otherwise. */
  readonly payload: unknown;
}

/** The parts of an error event that tests look at. */
export interface ReceivedError {
  readonly message: string;
  readonly traceId: string | undefined;
  readonly release: string | undefined;
  readonly environment: string | undefined;
  readonly userId: string | undefined;
  readonly tags: Readonly<Record<string, unknown>>;
}

const parse = (line: string | undefined): unknown => {
  try {
    return JSON.parse(line ?? '');
  } catch {
    return line;
  }
};

/** An envelope is lines of JSON: its header, then a header and a payload for each item. */
function readItems({ path, body }: RecordedCall): readonly ReceivedItem[] {
  if (!path.includes('/envelope/')) return [];
  const [first, ...lines] = body.split('\n');
  const envelope = parse(first) as ReceivedItem['envelope'];
  const items: ReceivedItem[] = [];
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const header = parse(lines[at]) as { type?: string };
    items.push({ type: header.type ?? '', envelope, payload: parse(lines[at + 1]) });
  }
  return items;
}

interface EventPayload {
  readonly exception?: { readonly values?: readonly { readonly value?: string }[] };
  readonly contexts?: { readonly trace?: { readonly trace_id?: string } };
  readonly release?: string;
  readonly environment?: string;
  readonly user?: { readonly id?: string };
  readonly tags?: Readonly<Record<string, unknown>>;
}

/** The error events among the items. Of an error with causes, `message` is the outermost one's. */
export function errorsIn(items: readonly ReceivedItem[]): readonly ReceivedError[] {
  return items
    .filter(({ type }) => type === 'event')
    .map(({ payload }) => {
      const event = payload as EventPayload;
      return {
        message: event.exception?.values?.at(-1)?.value ?? '',
        traceId: event.contexts?.trace?.trace_id,
        release: event.release,
        environment: event.environment,
        userId: event.user?.id,
        tags: event.tags ?? {},
      };
    });
}

/** A Sentry for tests on a free loopback port: takes envelopes; `records` are their items. */
export async function createSentryReceiver() {
  const server = await createRecordingServer(readItems);
  return { ...server, dsn: `http://public@127.0.0.1:${server.port}/1` };
}

export type SentryReceiver = Awaited<ReturnType<typeof createSentryReceiver>>;
