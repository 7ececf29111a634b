import { createRoute } from '@tanstack/react-router';
import type { Feature } from '../../app/feature.ts';
import { channelRoute } from '../channels/index.tsx';
import { ConversationPage } from './conversation-page.tsx';

export const messagesFeature: Feature = {
  name: 'messages',
  routes: [createRoute({ getParentRoute: () => channelRoute, path: '/', component: ConversationPage })],
};
