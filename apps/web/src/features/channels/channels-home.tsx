import { useState } from 'react';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { Redirect } from '../../app/redirect.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadingNote } from '../../ui/skeleton.tsx';
import { isWriter, useOrganization } from '../organizations/index.tsx';
import { NewChannelDialog } from './new-channel-dialog.tsx';
import { useChannels } from './use-channel.ts';

/** Leads to the first channel, or to making one. */
export function ChannelsHome() {
  const { id: orgId, name, role } = useOrganization();
  const { data, error, refetch } = useChannels();
  const [creating, setCreating] = useState(false);
  const [first] = data ?? [];

  if (first) {
    return <Redirect to="/o/$orgId/c/$channelId" params={{ orgId, channelId: first.id }} />;
  }
  return (
    <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col overflow-y-auto outline-none">
      <title>{`${name} · Plinth`}</title>
      {!data && !error && <LoadingNote>Loading channels</LoadingNote>}
      {error && <ProblemBanner error={error} className="m-6" onRetry={() => void refetch()} />}
      {data && isWriter(role) && (
        <EmptyState
          title="No channels yet"
          action={<Button onClick={() => setCreating(true)}>Create the first one</Button>}
        >
          A channel is a place for one subject. Everybody in {name} can read along.
        </EmptyState>
      )}
      {data && !isWriter(role) && (
        <EmptyState title="No channels yet">
          As soon as somebody creates one, you can read along here.
        </EmptyState>
      )}
      {creating && <NewChannelDialog onClose={() => setCreating(false)} />}
    </main>
  );
}
