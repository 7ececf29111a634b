import { type KeyboardEvent, type RefObject, useEffect, useId, useState } from 'react';
import { focusOnArrival } from '../../ui/arriving-focus.ts';
import { classes } from '../../ui/classes.ts';
import { SendIcon } from '../../ui/icons.tsx';
import { plainName } from '../../ui/names.tsx';
import { isSendable, messageText, roomLeft } from './message-text.ts';
import { useUnsent } from './unsent.tsx';

interface ComposerProps {
  readonly channelId: string;
  readonly channelName: string;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  /** False when too many messages wait already. */
  readonly onSend: (body: string) => boolean;
  /** Arrow up in an empty field. */
  readonly onEditLast: () => void;
}

const FULL = 'Too many messages are waiting to be sent. Send or discard some first.';
const UNKEPT = 'This browser keeps nothing here: what is not sent is lost when you leave this page.';

/** Enter sends, Shift+Enter makes a new line. */
export function Composer({ channelId, channelName, field, onSend, onEditLast }: ComposerProps) {
  const { drafts } = useUnsent();
  const [typed, setTyped] = useState(() => drafts.get(channelId));
  const [note, setNote] = useState<string>();
  const id = useId();
  const room = roomLeft(typed);
  const sendable = isSendable(typed);

  useEffect(() => {
    // On a touch screen the focus would open the keyboard over the messages.
    if (matchMedia('(hover: hover)').matches) focusOnArrival(field.current);
  }, [field]);

  // Another tab sent or went on with the text that is shown here unchanged.
  useEffect(
    () =>
      drafts.subscribe((channel) => {
        if (channel === channelId) setTyped((text) => (text === '' ? text : drafts.get(channelId)));
      }),
    [drafts, channelId],
  );

  const type = (text: string) => {
    setTyped(text);
    setNote(drafts.set(channelId, text) ? undefined : UNKEPT);
  };

  const send = () => {
    if (!sendable) return;
    if (!onSend(messageText(typed))) return setNote(FULL);
    type('');
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a character, Enter belongs to it.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === 'ArrowUp' && typed === '') {
      event.preventDefault();
      onEditLast();
    }
  };

  return (
    <form
      className="px-3 pb-3 sm:px-6 sm:pb-5"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="flex items-end gap-2 rounded-lg border border-line-strong bg-surface p-1.5 shadow-raised has-[textarea:focus-visible]:border-accent has-[textarea:focus-visible]:outline-1 has-[textarea:focus-visible]:outline-accent">
        <label htmlFor={id} className="sr-only">
          Message #{plainName(channelName)}
        </label>
        <textarea
          id={id}
          ref={field}
          rows={1}
          value={typed}
          placeholder={`Message #${plainName(channelName)}`}
          aria-describedby={`${id}-note`}
          aria-invalid={room !== undefined && !sendable ? true : undefined}
          dir="auto"
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKeyDown}
          className="field-sizing-content max-h-48 min-h-10 flex-1 resize-none bg-transparent px-2.5 py-2 text-base outline-none placeholder:text-muted sm:text-[0.9375rem]"
        />
        <button
          type="submit"
          aria-label="Send"
          title="Send"
          disabled={!sendable}
          className="inline-flex size-10 shrink-0 items-center justify-center rounded-md bg-accent text-on-accent transition-colors hover:bg-accent-deep disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted"
        >
          <SendIcon className="size-5" />
        </button>
      </div>
      <p id={`${id}-note`} className="flex justify-between gap-4 px-1 pt-1 text-xs text-muted">
        {note === undefined ? (
          <span className="max-sm:sr-only">Enter sends, Shift + Enter makes a new line.</span>
        ) : (
          <span role="status" className="font-medium text-danger">
            {note}
          </span>
        )}
        <span role="status" className={classes(room !== undefined && !sendable && 'font-medium text-danger')}>
          {room}
        </span>
      </p>
    </form>
  );
}
