import type { Client } from '@plinth/client/core';
import { createContext, type ReactNode, useContext } from 'react';
import type { Session } from '../features/auth/session.ts';
import type { Realtime } from '../realtime/realtime.ts';
import type { Feature } from './feature.ts';
import type { Parts } from './load-part.ts';

/** Everything with a life or a connection, made once in main.tsx. */
export interface Services {
  readonly client: Client;
  readonly session: Session;
  readonly realtime: Realtime;
  readonly parts: Parts;
  readonly features: readonly Feature[];
}

const ServicesContext = createContext<Services | undefined>(undefined);

export function ServicesProvider(props: { readonly services: Services; readonly children: ReactNode }) {
  return <ServicesContext value={props.services}>{props.children}</ServicesContext>;
}

export const useServices = (): Services => {
  const services = useContext(ServicesContext);
  if (!services) throw new Error('useServices needs a <ServicesProvider> above it');
  return services;
};

export const useClient = (): Client => useServices().client;
