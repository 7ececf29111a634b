import { createClientFor } from '@plinth/client/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { contractRoutes } from './app/contract-routes.ts';
import { browserPartPorts, createParts } from './app/load-part.ts';
import { PartsNotice } from './app/parts-notice.tsx';
import { keepPlaces } from './app/places.ts';
import { createQueryClient } from './app/query-client.ts';
import { createAppRouter } from './app/router.tsx';
import { ServicesProvider } from './app/services.tsx';
import { browserPorts } from './features/auth/browser-ports.ts';
import { createSession } from './features/auth/session.ts';
import { createRealtime } from './realtime/realtime.ts';
import { features } from './routes.tsx';
import './ui/styles.css';

const origin = { baseUrl: '' };
const parts = createParts(browserPartPorts);
const session = createSession(browserPorts(createClientFor(contractRoutes, origin)));
const client = createClientFor(contractRoutes, { ...origin, token: session.token });
const realtime = createRealtime({ token: session.token, loadPart: parts.loadPart });
const queryClient = createQueryClient();
const router = createAppRouter(features);

// Nothing of one person's may be left when another signs in.
let shownTo: string | undefined;
session.subscribe(() => {
  const state = session.state();
  const user = state.status === 'signedIn' ? state.user.id : undefined;
  if (state.status === 'signedOut' || (user !== undefined && user !== shownTo)) queryClient.clear();
  if (state.status === 'signedOut' || user !== undefined) shownTo = user;
  if (state.status === 'signedOut') keepPlaces();
});
void session.restore();

const root = document.getElementById('root');
if (!root) throw new Error('index.html needs an element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <PartsNotice parts={parts} />
    <ServicesProvider services={{ client, session, realtime, parts, features }}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ServicesProvider>
  </StrictMode>,
);
