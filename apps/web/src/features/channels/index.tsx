import { createRoute } from '@tanstack/react-router';
import type { Feature } from '../../app/feature.ts';
import { orgRoute } from '../organizations/index.tsx';
import { ChannelPage } from './channel-page.tsx';
import { ChannelsHome } from './channels-home.tsx';
import { ChannelsSideBar } from './side-bar.tsx';

export { useChannel } from './use-channel.ts';

/** Parent of what is shown of one channel. */
export const channelRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: 'c/$channelId',
  component: ChannelPage,
});

export const channelsFeature: Feature = {
  name: 'channels',
  routes: [channelRoute, createRoute({ getParentRoute: () => orgRoute, path: 'c', component: ChannelsHome })],
  SideBar: ChannelsSideBar,
  home: (orgId) => `/o/${orgId}/c`,
};
