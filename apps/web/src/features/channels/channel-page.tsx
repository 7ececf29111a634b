import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { isNotFound } from '../../app/explain.ts';
import { Loaded } from '../../app/loaded.tsx';
import { NotFoundPage } from '../../app/not-found-page.tsx';
import { PageHeading } from '../../app/page-heading.tsx';
import { rememberPlace } from '../../app/places.ts';
import { useClient } from '../../app/services.tsx';
import { HashIcon } from '../../ui/icons.tsx';
import { Name, plainName } from '../../ui/names.tsx';
import { LoadingNote, Skeleton } from '../../ui/skeleton.tsx';
import { useUser } from '../auth/index.tsx';
import { useOrganization } from '../organizations/index.tsx';
import { channelQuery } from './queries.ts';
import { ChannelContext, useChannels } from './use-channel.ts';

/** The frame of one channel; what is in it comes from the child route. */
export function ChannelPage() {
  const { id: orgId, name: orgName } = useOrganization();
  const { channelId = '' } = useParams({ strict: false });
  const channels = useChannels();
  const listed = channels.data?.find(({ id }) => id === channelId);
  // The list may be older than the channel: only the server knows that it does not exist.
  const single = useQuery({
    ...channelQuery(useClient(), orgId, channelId),
    enabled: !channels.isPending && !listed,
  });
  const channel = listed ?? single.data;
  const me = useUser();
  const found = channel?.id;
  useEffect(() => {
    if (found !== undefined) rememberPlace(me.id, { orgId, channelId: found });
  }, [me.id, orgId, found]);

  if (!channel && isNotFound(single.error)) return <NotFoundPage />;
  return (
    <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-4 border-b border-line bg-surface px-4 py-2 sm:px-6">
        {channel ? (
          <>
            <title>{`#${plainName(channel.name)} · ${plainName(orgName)} · Plinth`}</title>
            <PageHeading key={channel.id} className="flex min-w-0 items-center gap-1.5 text-xl font-semibold">
              <HashIcon className="size-5 shrink-0 text-muted" />
              <Name className="truncate">{channel.name}</Name>
            </PageHeading>
            {channel.topic !== null && (
              <p dir="auto" className="min-w-0 truncate text-muted">
                {channel.topic}
              </p>
            )}
          </>
        ) : (
          !single.error && (
            <>
              <LoadingNote>Loading channel</LoadingNote>
              <Skeleton className="w-40" />
            </>
          )
        )}
      </header>
      <Loaded
        query={{ data: channel, error: channel ? null : single.error, refetch: single.refetch }}
        isEmpty={() => false}
        className="m-4"
        loading={null}
        empty={null}
      >
        {(found) => (
          <ChannelContext value={found}>
            <Outlet key={found.id} />
          </ChannelContext>
        )}
      </Loaded>
    </main>
  );
}
