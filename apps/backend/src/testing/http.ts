import { Problem } from '@plinth/contracts';

/** A plain request, for what the typed client would never send. */
export async function send(url: string, init: RequestInit & { json?: unknown } = {}) {
  const { json, ...rest } = init;
  const reply = await fetch(url, {
    ...rest,
    ...(json !== undefined && {
      method: rest.method ?? 'POST',
      body: JSON.stringify(json),
      headers: { 'content-type': 'application/json', ...rest.headers },
    }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, text, json: (): unknown => JSON.parse(text) };
}

/** The reply as a problem; throws when it is not one in every respect that RFC 9457 and our contract ask for. */
export function problemOf(reply: Awaited<ReturnType<typeof send>>): Problem {
  const type = reply.headers.get('content-type');
  if (!type?.startsWith('application/problem+json'))
    throw new Error(`Not a problem but ${type}: ${reply.text.slice(0, 200)}`);
  const problem = Problem.parse(reply.json());
  if (problem.status !== reply.status)
    throw new Error(`The problem says ${problem.status}, the reply ${reply.status}.`);
  if (problem.requestId !== reply.headers.get('x-request-id'))
    throw new Error('The request id differs from the header.');
  return problem;
}

/** The name and value pairs and attributes of the cookies that a reply sets. */
export const cookiesOf = (headers: Headers): Map<string, { value: string; attributes: string }> =>
  new Map(
    headers.getSetCookie().map((line) => {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=', 2);
      return [name, { value, attributes: attributes.join('; ') }];
    }),
  );
