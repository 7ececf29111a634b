import { createRoute } from '@tanstack/react-router';
import type { Feature } from '../../app/feature.ts';
import { channelRoute } from '../channels/index.tsx';
import { unsentOf } from './browser-stores.ts';
import { ConversationPage } from './conversation-page.tsx';
import { UnsentProvider } from './unsent.tsx';

export const messagesFeature: Feature = {
  name: 'messages',
  routes: [
    createRoute({
      getParentRoute: () => channelRoute,
      path: '/',
      component: ConversationPage,
      staticData: { keepsWriting: true },
    }),
  ],
  Provider: UnsentProvider,
  unsaved: unsentOf,
};
