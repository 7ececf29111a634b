import type { Outgoing } from '@plinth/client/sync';
import { useEffect, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { viewOf } from '../../app/load-state.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { DownIcon } from '../../ui/icons.tsx';
import { plainName } from '../../ui/names.tsx';
import { Spinner } from '../../ui/skeleton.tsx';
import { useUser } from '../auth/index.tsx';
import { isManager, isWriter, useOrganization } from '../organizations/index.tsx';
import { DeleteMessageDialog } from './delete-message-dialog.tsx';
import { ListItem, ListSize, UNKNOWN_SIZE } from './list-item.tsx';
import { MessageRow } from './message-row.tsx';
import { rowsOf } from './rows.ts';
import { useUnsent } from './unsent.tsx';
import type { Conversation, ConversationState } from './use-conversation.ts';
import { useReadingPosition } from './use-reading-position.ts';
import { useRovingFocus } from './use-roving-focus.ts';
import { useToday } from './use-today.ts';

/** Height of what stands above the oldest message, in pixels (`h-15`). */
const OLDER_HEIGHT = 60;

interface MessageListProps {
  readonly channelName: string;
  readonly conversation: Conversation;
  readonly state: ConversationState;
  readonly outgoing: readonly Outgoing[];
  /** Id of the message that is being edited. */
  readonly editing: string | undefined;
  readonly onEdit: (messageId: string | undefined) => void;
  /** A message was edited or deleted, or was not after all: where to go on. */
  readonly onDone: () => void;
}

export function MessageList(props: MessageListProps) {
  const { channelName, conversation, state, outgoing, editing, onEdit, onDone } = props;
  const me = useUser();
  const { role } = useOrganization();
  const [deleting, setDeleting] = useState<string>();
  const unsent = useUnsent().outgoing;
  const today = useToday();
  const rows = rowsOf(state.messages, outgoing, me);
  const { scroller, content, onScroll, unseen, toBottom, atBottom, prepended } = useReadingPosition(
    rows,
    me.id,
  );
  const list = useRef<VirtualizerHandle>(null);
  const roving = useRovingFocus(rows, scroller, list, onDone);
  // What has the focus or is being edited must not be taken away by scrolling.
  const kept = rows.flatMap((row, index) =>
    row.key === roving.active || (editing !== undefined && row.stored?.id === editing) ? [index] : [],
  );

  const count = state.messages.length;
  useEffect(() => {
    if (atBottom && count > 0) conversation.trim();
  }, [conversation, atBottom, count]);

  const view = viewOf(
    { data: state.phase === 'ready' ? rows : undefined, error: state.error },
    (all) => all.length === 0,
  );
  const mayWrite = isWriter(role);
  const stopEditing = () => {
    onEdit(undefined);
    onDone();
  };

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <section
        ref={scroller}
        onScroll={onScroll}
        onKeyDown={roving.onKeyDown}
        aria-label={`Messages in ${plainName(channelName)}`}
        className="flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain pt-2 pb-3 -outline-offset-2 [overflow-anchor:none]"
      >
        {state.older !== 'none' && <OlderMessages state={state} onLoad={conversation.loadOlder} />}
        {view === 'empty' && (
          <EmptyState title={`This is the beginning of #${plainName(channelName)}`}>
            {mayWrite ? 'Nobody has written anything yet. Say hello.' : 'Nobody has written anything yet.'}
          </EmptyState>
        )}
        <div ref={content} className="mt-auto shrink-0">
          <ListSize value={state.older === 'none' ? rows.length : UNKNOWN_SIZE}>
            <Virtualizer
              ref={list}
              as="ol"
              item={ListItem}
              data={rows}
              scrollRef={scroller}
              shift={prepended}
              startMargin={state.older === 'none' ? 0 : OLDER_HEIGHT}
              keepMounted={kept}
            >
              {(row) => (
                <MessageRow
                  key={row.key}
                  row={row}
                  today={today}
                  active={row.key === roving.active}
                  onFocus={roving.onFocus}
                  editing={row.stored !== undefined && row.stored.id === editing}
                  mayEdit={mayWrite && row.author.id === me.id}
                  mayDelete={mayWrite && (row.author.id === me.id || isManager(role))}
                  onEdit={onEdit}
                  onDelete={setDeleting}
                  onSave={(id, body) => conversation.edit(id, body)}
                  onStopEditing={stopEditing}
                  onRetry={unsent.retry}
                  onDiscard={unsent.discard}
                />
              )}
            </Virtualizer>
          </ListSize>
        </div>
      </section>
      {unseen > 0 && (
        <button
          type="button"
          onClick={toBottom}
          className="absolute bottom-3 left-1/2 inline-flex min-h-10 -translate-x-1/2 animate-arrive items-center gap-2 rounded-full bg-copper px-4 font-medium text-on-copper shadow-raised"
        >
          {unseen === 1 ? '1 new message' : `${unseen} new messages`}
          <DownIcon />
        </button>
      )}
      {deleting !== undefined && (
        <DeleteMessageDialog
          onDelete={() => conversation.remove(deleting)}
          onClose={() => setDeleting(undefined)}
          focusAfter={onDone}
        />
      )}
    </div>
  );
}

interface OlderMessagesProps {
  readonly state: ConversationState;
  readonly onLoad: () => Promise<void>;
}

/** Loads older messages shortly before it comes into view; a button for everything that does not scroll. */
function OlderMessages({ state, onLoad }: OlderMessagesProps) {
  const button = useRef<HTMLButtonElement>(null);
  const { older, messages } = state;
  const oldest = messages[0]?.id;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another oldest message means a new page, and looking again
  useEffect(() => {
    if (!button.current || older !== 'idle') return;
    // Before it is reached: rows above that are measured only then push it out of sight again.
    const watcher = new IntersectionObserver(([entry]) => entry?.isIntersecting && void onLoad(), {
      root: button.current.closest('section'),
      rootMargin: '300px 0px',
    });
    watcher.observe(button.current);
    return () => watcher.disconnect();
  }, [older, oldest, onLoad]);

  return (
    <div className="flex h-15 shrink-0 items-center justify-center">
      <button
        ref={button}
        type="button"
        disabled={older === 'loading'}
        onClick={() => void onLoad()}
        className="inline-flex min-h-9 items-center gap-2 rounded-md px-3 text-sm font-medium text-accent-deep hover:bg-sunken disabled:text-muted"
      >
        {older === 'loading' && <Spinner />}
        {older === 'loading' && 'Loading older messages…'}
        {older === 'failed' && 'Older messages could not be loaded. Try again'}
        {older === 'idle' && 'Load older messages'}
      </button>
    </div>
  );
}
