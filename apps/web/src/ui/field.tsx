import { type ComponentProps, type ReactNode, useId, useState } from 'react';
import { classes } from './classes.ts';

const control =
  'w-full min-h-11 rounded-md border bg-surface px-3 py-2 text-base text-ink placeholder:text-muted sm:text-[0.9375rem]';

const borderOf = (error: string | undefined) =>
  error === undefined ? 'border-line-strong' : 'border-danger';

interface FrameProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly error: string | undefined;
  readonly children: ReactNode;
}

function Frame({ id, label, hint, error, children }: FrameProps) {
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children}
      {error !== undefined && (
        <p id={`${id}-error`} className="text-sm text-danger">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}

const described = (id: string, hint: string | undefined, error: string | undefined) => ({
  id,
  'aria-invalid': error === undefined ? undefined : true,
  'aria-describedby':
    classes(error !== undefined && `${id}-error`, hint !== undefined && `${id}-hint`) || undefined,
});

interface FieldProps extends Omit<ComponentProps<'input'>, 'id' | 'className'> {
  readonly label: string;
  readonly name: string;
  readonly hint?: string | undefined;
  /** What is wrong with its value. */
  readonly error?: string | undefined;
}

export function Field({ label, hint, error, ...input }: FieldProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input
        dir="auto"
        {...input}
        {...described(id, hint, error)}
        className={classes(control, borderOf(error))}
      />
    </Frame>
  );
}

/** A password that can be looked at while it is typed (ASVS 6.2.6, 6.2.7: pasting and viewing are allowed). */
export function PasswordField({ label, hint, error, ...input }: FieldProps) {
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <div className="relative">
        <input
          {...input}
          {...described(id, hint, error)}
          type={shown ? 'text' : 'password'}
          className={classes(control, 'pr-18', borderOf(error))}
        />
        <button
          type="button"
          aria-pressed={shown}
          aria-controls={id}
          aria-label={`Show ${label.toLowerCase()}`}
          onClick={() => setShown(!shown)}
          className="absolute inset-y-1 right-1 rounded-sm px-3 text-sm font-medium text-accent-deep hover:bg-sunken"
        >
          {shown ? 'Hide' : 'Show'}
        </button>
      </div>
    </Frame>
  );
}

interface SelectProps extends Omit<ComponentProps<'select'>, 'id' | 'className'> {
  readonly label: string;
  readonly name: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
}

export function Select({ label, hint, error, children, ...select }: SelectProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <select {...select} {...described(id, hint, error)} className={classes(control, borderOf(error))}>
        {children}
      </select>
    </Frame>
  );
}
