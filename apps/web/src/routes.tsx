import type { Feature } from './app/feature.ts';
import { authFeature } from './features/auth/index.tsx';
import { channelsFeature } from './features/channels/index.tsx';
import { messagesFeature } from './features/messages/index.tsx';
import { organizationsFeature } from './features/organizations/index.tsx';

/** Every feature of the app. Taking one out is deleting its folder and its lines here. */
export const features: readonly Feature[] = [
  // In the order of the side bar; the first one with a home decides where an organisation opens.
  authFeature,
  channelsFeature,
  messagesFeature,
  organizationsFeature,
];
