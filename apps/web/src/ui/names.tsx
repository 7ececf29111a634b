/** Embeddings, overrides and isolates: what turns the direction of text around. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** A name for places that hold plain text (titles, labels): it cannot change the order of what stands around it. */
export const plainName = (name: string): string => {
  const plain = name.replace(TURNING, '');
  // First strong isolate … pop directional isolate (UAX #9), only where they change anything.
  return RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
};

/** A name that somebody chose, in its own direction and isolated from the text around it. */
export function Name({ children, className }: { readonly children: string; readonly className?: string }) {
  return <bdi className={className}>{children.replace(TURNING, '')}</bdi>;
}
