import { describe, expect, test } from '@jest/globals';
import { isParentSampled, isRequestTraced, isTraceablePath } from './sampling.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const never = () => 1;
const always = () => 0;
const request = (url: string, traceparent?: string) => ({ url, headers: traceparent ? { traceparent } : {} });

describe('the decision of the caller', () => {
  test.each([
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    [`01-${TRACE}-${SPAN}-01-later-versions-may-add`, true],
  ])('%s is read as sampled: %s', (header, sampled) => {
    expect(isParentSampled(header)).toBe(sampled);
  });

  test.each([
    'nonsense',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-${SPAN}-01-extra`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  ])('%s is no valid parent', (header) => {
    expect(isParentSampled(header)).toBeUndefined();
  });
});

describe('whether a request is traced', () => {
  test('follows the caller, whatever the ratio is', () => {
    expect(isRequestTraced(request('/orgs', `00-${TRACE}-${SPAN}-01`), 0, never)).toBe(true);
    expect(isRequestTraced(request('/orgs', `00-${TRACE}-${SPAN}-00`), 1, always)).toBe(false);
  });

  test('is drawn by ratio without a valid caller', () => {
    expect(isRequestTraced(request('/orgs'), 0.1, () => 0.09)).toBe(true);
    expect(isRequestTraced(request('/orgs'), 0.1, () => 0.1)).toBe(false);
    expect(isRequestTraced(request('/orgs', 'nonsense'), 0.1, () => 0.09)).toBe(true);
    expect(isRequestTraced(request('/orgs'), 0, always)).toBe(false);
    expect(isRequestTraced(request('/orgs'), 1, () => 0.999)).toBe(true);
  });

  test('is never so for probes, metrics and the transport of sockets', () => {
    for (const url of [
      '/health',
      '/healthz',
      '/readyz?full=1',
      '/metrics',
      '/socket.io/?EIO=4&transport=polling',
    ]) {
      expect([url, isTraceablePath(url)]).toEqual([url, false]);
      expect(isRequestTraced(request(url, `00-${TRACE}-${SPAN}-01`), 1, always)).toBe(false);
    }
    expect(isTraceablePath('/health/detailed')).toBe(true);
  });
});
