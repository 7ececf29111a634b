import { ApiError } from '@plinth/client/core';
import { QueryClient } from '@tanstack/react-query';

/** No answer, or one that says "later": worth another attempt. Everything else is final. */
const isPassing = (error: unknown): boolean =>
  error instanceof ApiError && [0, 502, 503, 504].includes(error.status);

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // The client reports a missing connection itself, with a message; waiting silently helps nobody.
        networkMode: 'always',
        staleTime: 30_000,
        retry: (failures, error) => failures < 2 && isPassing(error),
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
