import type { User } from '@plinth/contracts';
import { useSyncExternalStore } from 'react';
import { useServices } from '../../app/services.tsx';
import type { SessionState } from './session.ts';

export const useSession = (): SessionState => {
  const { session } = useServices();
  return useSyncExternalStore(session.subscribe, session.state);
};

/** The signed-in user; only for what is rendered below `signedInRoute`. */
export const useUser = (): User => {
  const state = useSession();
  if (state.status !== 'signedIn')
    throw new Error('useUser needs a signed-in user: put the page below signedInRoute');
  return state.user;
};
