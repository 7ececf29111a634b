import { useRef, useState } from 'react';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { useUser } from '../auth/index.tsx';
import { useChannel } from '../channels/index.tsx';
import { isWriter, useOrganization } from '../organizations/index.tsx';
import { Composer } from './composer.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { MessageList } from './message-list.tsx';
import { MessagesSkeleton } from './messages-skeleton.tsx';
import { useConversation } from './use-conversation.ts';

/** What is said in one channel, and the place to say something. */
export function ConversationPage() {
  const { id: orgId, role } = useOrganization();
  const channel = useChannel();
  const me = useUser();
  const { conversation, state, arrived, deaf, listenAgain } = useConversation(orgId, channel.id);
  const composer = useRef<HTMLTextAreaElement>(null);
  const [editing, setEditing] = useState<string>();

  const editLast = () => setEditing(state.messages.findLast(({ author }) => author.id === me.id)?.id);

  return (
    <>
      <ConnectionBanner deaf={deaf} onListenAgain={listenAgain} />
      {state.phase === 'failed' && (
        <ProblemBanner
          error={state.error}
          className="m-3"
          onRetry={() => void conversation.bringUpToDate()}
        />
      )}
      {state.phase === 'loading' && <MessagesSkeleton />}
      {state.phase !== 'loading' && (
        <MessageList
          channelName={channel.name}
          conversation={conversation}
          state={state}
          editing={editing}
          onEdit={setEditing}
          onDone={() => composer.current?.focus()}
        />
      )}
      <div role="log" aria-label="New messages" className="sr-only">
        {arrived.map(({ id, author, body }) => (
          <p key={id}>{`${author.name}: ${body}`}</p>
        ))}
      </div>
      {isWriter(role) ? (
        <Composer
          field={composer}
          channelName={channel.name}
          onSend={(body) => void conversation.send(body)}
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
