import { useRef, useState, useSyncExternalStore } from 'react';
import { Name } from '../../ui/names.tsx';
import { useUser } from '../auth/index.tsx';
import { useChannel } from '../channels/index.tsx';
import { isWriter, useOrganization } from '../organizations/index.tsx';
import { Composer } from './composer.tsx';
import { ConversationBanner } from './conversation-banner.tsx';
import { MessageList } from './message-list.tsx';
import { MessagesSkeleton } from './messages-skeleton.tsx';
import { Refusals } from './refusals.tsx';
import { useUnsent } from './unsent.tsx';
import { useConversation } from './use-conversation.ts';

/** What is said in one channel, and the place to say something. */
export function ConversationPage() {
  const { id: orgId, role } = useOrganization();
  const channel = useChannel();
  const me = useUser();
  const { conversation, state, outgoing, arrived } = useConversation(orgId, channel.id);
  const unsent = useUnsent();
  const { stopped } = useSyncExternalStore(unsent.outgoing.subscribe, unsent.outgoing.state);
  const composer = useRef<HTMLTextAreaElement>(null);
  const [editing, setEditing] = useState<string>();

  const editLast = () => setEditing(state.messages.findLast(({ author }) => author.id === me.id)?.id);

  return (
    <>
      <ConversationBanner
        state={state}
        unsent={stopped}
        onRetry={() => {
          conversation.check();
          unsent.outgoing.wake();
        }}
      />
      {state.phase === 'loading' && outgoing.length === 0 ? (
        <MessagesSkeleton />
      ) : (
        <MessageList
          channelName={channel.name}
          conversation={conversation}
          state={state}
          outgoing={outgoing}
          editing={editing}
          onEdit={setEditing}
          onDone={() => composer.current?.focus()}
        />
      )}
      <div role="log" aria-label="New messages" className="sr-only">
        {arrived.map(({ id, author, body }) => (
          <p key={id} dir="auto">
            <Name>{author.name}</Name>: {body}
          </p>
        ))}
      </div>
      <Refusals outgoing={outgoing} />
      {isWriter(role) ? (
        <Composer
          field={composer}
          channelId={channel.id}
          channelName={channel.name}
          onSend={(body) => unsent.outgoing.send({ orgId, channelId: channel.id }, body)}
          onEditLast={editLast}
        />
      ) : (
        <p className="m-3 rounded-md border border-line bg-sunken px-4 py-3 text-muted sm:mx-6 sm:mb-6">
          You are a guest here: you can read along, but not write.
        </p>
      )}
    </>
  );
}
