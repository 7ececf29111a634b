import { check } from 'k6';
import http from 'k6/http';

/** Where the API, or nginx in front of it, answers. */
export const BASE_URL = (__ENV.BASE_URL || 'http://localhost:4000').replace(/\/+$/, '');

/** What every scenario must keep. A scenario adds its own. */
export const thresholds = {
  http_req_failed: ['rate<0.01'],
  http_req_duration: ['p(95)<500'],
  checks: ['rate==1'],
};

/**
 * One request with a JSON body. Requests are grouped by `name`, the route's template: addresses with ids in them would
 * be a metric each.
 * @returns {{ status: number, body: any }} the parsed reply; `body` is undefined when there is none
 */
export function call(method, path, { name = path, body, token, status = 200 } = {}) {
  const response = http.request(
    method,
    `${BASE_URL}${path}`,
    body === undefined ? null : JSON.stringify(body),
    {
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(token && { Authorization: `Bearer ${token}` }),
      },
      tags: { name: `${method} ${name}` },
    },
  );
  const asExpected = check(response, { [`${method} ${name} answers ${status}`]: (r) => r.status === status });
  if (!asExpected) console.error(`${method} ${path}: ${response.status} ${response.error || response.body}`);
  const isJson = /json/.test(response.headers['Content-Type'] || '');
  return { status: response.status, body: isJson ? response.json() : undefined };
}

/** Says what must hold besides the status; a failure fails the run and not the iteration. */
export const expect = (claim, holds) => check(null, { [claim]: () => holds });
