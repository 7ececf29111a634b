export interface Piece {
  readonly text: string;
  /** Present when the text is an address: only http and https, never `javascript:` (ASVS 1.2.2). */
  readonly href?: string;
}

/** Characters that turn the direction of writing end it: an address must read as what it leads to. */
const ADDRESS = /https?:\/\/[^\s<>"\p{Bidi_Control}]+/giu;
/** Ends a sentence more often than an address. */
const TRAILING = /[.,;:!?)\]}'’]+$/;

/** Splits a message into plain text and web addresses. */
export const piecesOf = (body: string): readonly Piece[] => {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of body.matchAll(ADDRESS)) {
    const address = match[0].replace(TRAILING, '');
    if (!URL.canParse(address)) continue;
    if (match.index > from) pieces.push({ text: body.slice(from, match.index) });
    pieces.push({ text: address, href: address });
    from = match.index + address.length;
  }
  if (from < body.length) pieces.push({ text: body.slice(from) });
  return pieces;
};
