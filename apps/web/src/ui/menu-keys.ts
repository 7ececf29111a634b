/** Letters that follow each other within this time are one beginning of a word, in milliseconds. */
const TYPED_TOGETHER_MS = 600;

/** What has been typed in a menu, and when. */
export interface Typed {
  text: string;
  at: number;
}

/**
 * The item that a key leads to, by the ARIA Authoring Practices for menus: arrows go round, Home and End to the ends,
 * letters to the next item that begins with them. Undefined when the key means nothing here.
 * @param labels what the items say
 * @param current index of the item with the focus, -1 when none has it
 * @param typed is kept up to date
 * @param now in milliseconds
 */
export const targetOf = (
  key: string,
  labels: readonly string[],
  current: number,
  typed: Typed,
  now: number,
): number | undefined => {
  const count = labels.length;
  if (count === 0) return undefined;
  switch (key) {
    case 'ArrowDown':
    case 'ArrowRight':
      return (current + 1) % count;
    case 'ArrowUp':
    case 'ArrowLeft':
      return current <= 0 ? count - 1 : current - 1;
    case 'Home':
    case 'PageUp':
      return 0;
    case 'End':
    case 'PageDown':
      return count - 1;
  }
  if ([...key].length !== 1) return undefined;
  if (now - typed.at > TYPED_TOGETHER_MS) typed.text = '';
  typed.text += key.toLocaleLowerCase();
  typed.at = now;
  const letters = [...typed.text];
  // The same letter again and again goes through all that begin with it.
  const again = letters.every((letter) => letter === letters[0]);
  const beginning = again ? (letters[0] ?? '') : typed.text;
  const from = again ? current + 1 : Math.max(current, 0);
  for (let step = 0; step < count; step += 1) {
    const index = (from + step) % count;
    if (labels[index]?.trim().toLocaleLowerCase().startsWith(beginning)) return index;
  }
  return undefined;
};
