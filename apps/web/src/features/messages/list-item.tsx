import { createContext, useContext } from 'react';
import type { CustomItemComponentProps } from 'virtua';

/** While older messages may follow, nobody knows how many there are (WAI-ARIA, aria-setsize). */
export const UNKNOWN_SIZE = -1;

/** How many lines the list has, rendered or not. */
export const ListSize = createContext(UNKNOWN_SIZE);

/** One line of a list that renders only a part of its lines: it says which one of how many it is. */
export function ListItem({ index, ...rest }: CustomItemComponentProps) {
  return <li {...rest} aria-posinset={index + 1} aria-setsize={useContext(ListSize)} />;
}
