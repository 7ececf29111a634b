import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { useServices } from './services.tsx';

/** Whether the service can be reached, as far as a person has to know. */
export type Connection = 'fine' | 'offline' | 'reconnecting';

/** Shorter interruptions are not worth a word, in milliseconds. */
const SHORT_MS = 1_200;

/** True when a condition has held for a while. */
export const useLasting = (condition: boolean): boolean => {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!condition) return;
    const timer = setTimeout(() => setLasting(true), SHORT_MS);
    return () => {
      clearTimeout(timer);
      setLasting(false);
    };
  }, [condition]);
  return lasting;
};

const onNetworkChange = (listener: () => void) => {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
};

const ConnectionContext = createContext<Connection>('fine');

/** Found out once for all of the page, so that everything on it says the same. */
export function ConnectionProvider({ children }: { readonly children: ReactNode }) {
  const { realtime } = useServices();
  const queries = useQueryClient();
  const status = useSyncExternalStore(realtime.onStatus, realtime.status);
  const waiting = useLasting(status === 'reconnecting');
  const network = useSyncExternalStore(onNetworkChange, () => navigator.onLine);
  const connection = !network ? 'offline' : waiting ? 'reconnecting' : 'fine';

  // What could not be read meanwhile is read now: the words of the page promise it.
  const before = useRef(connection);
  useEffect(() => {
    const isBack = before.current !== 'fine' && connection === 'fine';
    before.current = connection;
    if (isBack) void queries.refetchQueries({ predicate: ({ state }) => state.status === 'error' });
  }, [connection, queries]);

  return <ConnectionContext value={connection}>{children}</ConnectionContext>;
}

/** `fine` outside of a signed-in page, which has no connection. */
export const useConnection = (): Connection => useContext(ConnectionContext);
