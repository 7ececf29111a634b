import { useMutation } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { explain } from '../../app/explain.ts';
import { Button } from '../../ui/button.tsx';
import { isSendable, messageText, roomLeft } from './message-text.ts';

interface EditMessageProps {
  readonly body: string;
  readonly onSave: (body: string) => Promise<unknown>;
  readonly onStop: () => void;
}

/** Enter saves, Escape leaves the message as it was. */
export function EditMessage({ body, onSave, onStop }: EditMessageProps) {
  const [typed, setTyped] = useState(body);
  const field = useRef<HTMLTextAreaElement>(null);
  const save = useMutation({ mutationFn: onSave, onSuccess: onStop });
  const room = roomLeft(typed);

  useEffect(() => {
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);

  const submit = () => {
    if (!isSendable(typed) || save.isPending) return;
    const text = messageText(typed);
    if (text === body) onStop();
    else save.mutate(text);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      onStop();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  };

  return (
    <form
      className="flex flex-col gap-2 py-1"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        ref={field}
        aria-label="Edit message"
        rows={1}
        dir="auto"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
        className="field-sizing-content max-h-60 min-h-10 w-full resize-none rounded-md border border-line-strong bg-surface px-3 py-2 text-base sm:text-[0.9375rem]"
      />
      {room !== undefined && <p className="text-xs text-muted">{room}</p>}
      {save.error && (
        <p role="alert" className="text-sm text-danger">
          Not saved. {explain(save.error).detail}
        </p>
      )}
      <div className="flex gap-2">
        <Button type="submit" busy={save.isPending} disabled={!isSendable(typed)}>
          Save
        </Button>
        <Button look="quiet" onClick={onStop}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
