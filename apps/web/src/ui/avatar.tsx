import { classes } from './classes.ts';
import { initialsOf } from './names.tsx';

const TINTS = [
  'bg-person-1',
  'bg-person-2',
  'bg-person-3',
  'bg-person-4',
  'bg-person-5',
  'bg-person-6',
] as const;

/** The same person has the same tint everywhere. */
const tintOf = (id: string): string => {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return TINTS[sum % TINTS.length] ?? TINTS[0];
};

/** A person's initials. Decorative: the name stands beside it. */
export function Avatar(props: { readonly id: string; readonly name: string; readonly className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={classes(
        'inline-flex shrink-0 select-none items-center justify-center rounded-md font-semibold text-person-ink forced-colors:border',
        props.className ?? 'size-9 text-sm',
        tintOf(props.id),
      )}
    >
      {initialsOf(props.name)}
    </span>
  );
}
