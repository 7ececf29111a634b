import { Avatar } from '../../ui/avatar.tsx';
import { classes } from '../../ui/classes.ts';
import { Name, plainName } from '../../ui/names.tsx';
import { EditMessage } from './edit-message.tsx';
import { piecesOf } from './links.ts';
import { MessageActions } from './message-actions.tsx';
import { dayInWords, localDate, momentInWords, type Row, timeInWords } from './rows.ts';

interface MessageRowProps {
  readonly row: Row;
  readonly today: Date;
  /** The one that is a tab stop, with what is in it. */
  readonly active: boolean;
  readonly onFocus: (key: string) => void;
  readonly editing: boolean;
  readonly mayEdit: boolean;
  readonly mayDelete: boolean;
  readonly onEdit: (messageId: string) => void;
  readonly onDelete: (messageId: string) => void;
  readonly onSave: (messageId: string, body: string) => Promise<unknown>;
  readonly onStopEditing: () => void;
  readonly onRetry: (clientId: string) => void;
  readonly onDiscard: (clientId: string) => void;
}

export function MessageRow(props: MessageRowProps) {
  const { row, editing, active } = props;
  const tabIndex = active ? 0 : -1;
  const { author, first, at, body, stored, outgoing } = row;
  return (
    <div className={classes(first && 'pt-2.5')}>
      {row.newDay && <Day date={at} today={props.today} />}
      <article
        data-row={row.key}
        aria-label={`${plainName(author.name)}, ${timeInWords(at)}`}
        tabIndex={tabIndex}
        onFocus={() => props.onFocus(row.key)}
        className="group relative flex gap-3 px-4 py-0.5 -outline-offset-2 hover:bg-sunken focus-within:bg-sunken sm:px-6"
      >
        <span className="w-9 shrink-0 pt-0.5 text-right">
          {first ? (
            <Avatar id={author.id} name={author.name} />
          ) : (
            <Time at={at} className="reveal text-xs leading-6 whitespace-nowrap" />
          )}
        </span>
        <div className="min-w-0 flex-1">
          {first && (
            <p className="flex flex-wrap items-baseline gap-x-2">
              <Name className="font-semibold">{author.name}</Name>
              <Time at={at} className="text-xs" />
            </p>
          )}
          {editing && stored ? (
            <EditMessage
              body={stored.body}
              onSave={(text) => props.onSave(stored.id, text)}
              onStop={props.onStopEditing}
            />
          ) : (
            <div
              dir="auto"
              className={classes('max-w-[78ch] whitespace-pre-wrap wrap-anywhere', outgoing && 'text-muted')}
            >
              <Body text={body} tabIndex={tabIndex} />
              {outgoing && outgoing.refusal === undefined && (
                <bdi className="animate-late text-xs"> Not sent yet. It goes out by itself.</bdi>
              )}
              {stored?.editedAt != null && (
                <bdi
                  className="text-xs text-muted"
                  title={`Edited ${momentInWords(new Date(stored.editedAt))}`}
                >
                  {' '}
                  (edited)
                </bdi>
              )}
            </div>
          )}
          <SendFailure {...props} />
        </div>
        {stored && !editing && (props.mayEdit || props.mayDelete) && (
          <MessageActions
            tabIndex={tabIndex}
            subject={`message from ${plainName(author.name)}, ${timeInWords(at)}`}
            onEdit={props.mayEdit ? () => props.onEdit(stored.id) : undefined}
            onDelete={props.mayDelete ? () => props.onDelete(stored.id) : undefined}
          />
        )}
      </article>
    </div>
  );
}

function Day({ date, today }: { readonly date: Date; readonly today: Date }) {
  return (
    <div className="flex items-center gap-3 px-4 pt-3 pb-4 sm:px-6">
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
      <time dateTime={localDate(date)} className="text-sm font-medium text-muted">
        {dayInWords(date, today)}
      </time>
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
    </div>
  );
}

function Time({ at, className }: { readonly at: Date; readonly className: string }) {
  return (
    <time
      dateTime={at.toISOString()}
      title={momentInWords(at)}
      className={classes('text-muted tabular-nums', className)}
    >
      {timeInWords(at)}
    </time>
  );
}

function Body({ text, tabIndex }: { readonly text: string; readonly tabIndex: number }) {
  return piecesOf(text).map(({ text: piece, href }, index) =>
    href === undefined ? (
      piece
    ) : (
      <a
        // biome-ignore lint/suspicious/noArrayIndexKey: a text always has the same pieces
        key={index}
        href={href}
        // An address goes from left to right whatever stands around it.
        dir="ltr"
        tabIndex={tabIndex}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className="text-accent-deep underline underline-offset-2"
      >
        {piece}
      </a>
    ),
  );
}

function SendFailure({ row, active, onRetry, onDiscard }: MessageRowProps) {
  const { outgoing } = row;
  if (outgoing?.refusal === undefined) return null;
  const link = 'font-medium underline underline-offset-2';
  return (
    <p className="flex flex-wrap gap-x-3 text-sm text-danger">
      <span>Not sent. {outgoing.refusal}</span>
      <button
        type="button"
        tabIndex={active ? 0 : -1}
        className={link}
        onClick={() => onRetry(outgoing.clientId)}
      >
        Retry
      </button>
      <button
        type="button"
        tabIndex={active ? 0 : -1}
        className={link}
        onClick={() => onDiscard(outgoing.clientId)}
      >
        Discard
      </button>
    </p>
  );
}
