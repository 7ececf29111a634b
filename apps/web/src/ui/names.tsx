/** Embeddings, overrides, isolates and marks: what turns the direction of text around. */
const TURNING = /\p{Bidi_Control}/gu;
/** Where Unicode keeps the letters that are written from right to left, also those still to come (UAX #9, table 4). */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const withoutTurning = (name: string): string => name.replace(TURNING, '');

/** A name for places that hold plain text (titles, labels): it cannot change the order of what stands around it. */
export const plainName = (name: string): string => {
  const plain = withoutTurning(name);
  // First strong isolate … pop directional isolate (UAX #9), only where they change anything.
  return RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
};

/** A name that somebody chose, in its own direction and isolated from the text around it. */
export function Name({ children, className }: { readonly children: string; readonly className?: string }) {
  return <bdi className={className}>{withoutTurning(children)}</bdi>;
}

const letters = new Intl.Segmenter();

/** The first letters of the first and the last word of a name, each with its marks. */
export const initialsOf = (name: string): string => {
  const words = withoutTurning(name).trim().split(/\s+/);
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  return chosen
    .map(
      (word) =>
        letters
          .segment(word ?? '')
          [Symbol.iterator]()
          .next().value?.segment ?? '',
    )
    .join('')
    .toUpperCase();
};
