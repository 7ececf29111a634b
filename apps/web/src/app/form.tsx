import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useRef } from 'react';
import { Button } from '../ui/button.tsx';
import { fieldError } from './explain.ts';
import { ProblemBanner } from './problem-banner.tsx';

interface FormProps {
  /** Sends the values of the fields by name. */
  readonly onSubmit: (values: Readonly<Record<string, string>>) => Promise<unknown>;
  /** Label of the button. */
  readonly submit: string;
  /** Names of the fields; an error of another one is shown above the form. */
  readonly fields: readonly string[];
  readonly cancel?: ReactNode;
  /** The button is as wide as the fields: for a form that is a page. */
  readonly wide?: boolean;
  /** Renders the fields; `errorOf` gives the message for the place beside one. */
  readonly children: (errorOf: (field: string) => string | undefined) => ReactNode;
}

/** A form whose errors stand beside their fields; the first wrong field gets the focus. */
export function Form({ onSubmit, submit, fields, cancel, wide = false, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const { mutate, isPending, error, variables } = useMutation({ mutationFn: onSubmit });

  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error]);

  const errorOf = (field: string) => {
    const message = fieldError(error, field);
    return message !== undefined && !variables?.[field]?.trim() ? 'Please fill this in.' : message;
  };
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isPending) return;
    const values: Record<string, string> = {};
    for (const [name, value] of new FormData(event.currentTarget)) {
      if (typeof value === 'string') values[name] = value;
    }
    mutate(values);
  };

  return (
    <form ref={form} onSubmit={send} className="flex flex-col gap-4" noValidate>
      {error !== null && !fields.some(errorOf) && <ProblemBanner error={error} />}
      {children(errorOf)}
      <div className="flex flex-wrap justify-end gap-3 pt-1">
        {cancel}
        <Button type="submit" busy={isPending} className={wide ? 'grow' : 'grow sm:grow-0'}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
