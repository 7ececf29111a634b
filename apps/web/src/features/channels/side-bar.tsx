import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Loaded } from '../../app/loaded.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { HashIcon, PlusIcon } from '../../ui/icons.tsx';
import { Name } from '../../ui/names.tsx';
import { sideLink } from '../../ui/side-link.ts';
import { LoadingNote, Skeleton } from '../../ui/skeleton.tsx';
import { isWriter, useOrganization } from '../organizations/index.tsx';
import { NewChannelDialog } from './new-channel-dialog.tsx';
import { useChannelEvents, useChannels } from './use-channel.ts';

export function ChannelsSideBar() {
  const { id: orgId, role } = useOrganization();
  const channels = useChannels();
  const [creating, setCreating] = useState(false);
  useChannelEvents();

  return (
    <section aria-labelledby="channels-title">
      <div className="mb-1 flex items-center justify-between pl-2.5">
        <h2 id="channels-title" className="font-sans text-sm font-semibold tracking-wide text-side-muted">
          Channels
        </h2>
        {isWriter(role) && (
          <IconButton
            label="New channel"
            className="text-side-muted hover:bg-side-raised hover:text-side-ink"
            onClick={() => setCreating(true)}
          >
            <PlusIcon />
          </IconButton>
        )}
      </div>
      <Loaded
        query={channels}
        isEmpty={(list) => list.length === 0}
        loading={<ListSkeleton />}
        empty={<p className="px-2.5 text-sm text-side-muted">No channels yet.</p>}
        failed={(retry) => (
          <div className="flex flex-col items-start gap-2 px-2.5 text-sm text-side-muted">
            The channels could not be loaded.
            <Button look="quiet" onClick={retry}>
              Try again
            </Button>
          </div>
        )}
      >
        {(list) => (
          <ul className="flex flex-col gap-0.5">
            {list.map(({ id, name }) => (
              <li key={id}>
                <Link to="/o/$orgId/c/$channelId" params={{ orgId, channelId: id }} className={sideLink}>
                  <HashIcon className="size-4 shrink-0" />
                  <Name className="truncate">{name}</Name>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {creating && <NewChannelDialog onClose={() => setCreating(false)} />}
    </section>
  );
}

function ListSkeleton() {
  return (
    <div className="flex flex-col gap-4 px-2.5 py-2">
      <LoadingNote>Loading channels</LoadingNote>
      {['w-24', 'w-36', 'w-20'].map((width) => (
        <Skeleton key={width} className={`${width} bg-side-raised`} />
      ))}
    </div>
  );
}
