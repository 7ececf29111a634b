import { useState } from 'react';
import { Loaded } from '../../app/loaded.tsx';
import { placesOf } from '../../app/places.ts';
import { Redirect } from '../../app/redirect.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Name, plainName } from '../../ui/names.tsx';
import { LoadingNote } from '../../ui/skeleton.tsx';
import { useUser } from '../auth/index.tsx';
import { isWriter, useOrganization } from '../organizations/index.tsx';
import { NewChannelDialog } from './new-channel-dialog.tsx';
import { useChannels } from './use-channel.ts';

/** Leads to the channel that was looked at last, else to the first one, or to making one. */
export function ChannelsHome() {
  const { id: orgId, name, role } = useOrganization();
  const channels = useChannels();
  const [creating, setCreating] = useState(false);
  const me = useUser();
  const last = placesOf(me.id).find((place) => place.orgId === orgId);
  const first = channels.data?.find(({ id }) => id === last?.channelId) ?? channels.data?.[0];

  // A dialog that somebody fills in is not taken away because somebody else was faster.
  if (first && !creating) {
    return <Redirect to="/o/$orgId/c/$channelId" params={{ orgId, channelId: first.id }} />;
  }
  return (
    <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col overflow-y-auto outline-none">
      <title>{`${plainName(name)} · Plinth`}</title>
      <Loaded
        query={channels}
        isEmpty={(list) => list.length === 0}
        className="m-6"
        loading={<LoadingNote>Loading channels</LoadingNote>}
        empty={
          isWriter(role) ? (
            <EmptyState
              title="No channels yet"
              action={<Button onClick={() => setCreating(true)}>Create the first one</Button>}
            >
              A channel is a place for one subject. Everybody in <Name>{name}</Name> can read along.
            </EmptyState>
          ) : (
            <EmptyState title="No channels yet">
              As soon as somebody creates one, you can read along here.
            </EmptyState>
          )
        }
      >
        {() => null}
      </Loaded>
      {creating && <NewChannelDialog onClose={() => setCreating(false)} />}
    </main>
  );
}
