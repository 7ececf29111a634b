import type { Outgoing } from '@plinth/client/sync';
import { useState } from 'react';

const refusedOf = (outgoing: readonly Outgoing[]) =>
  outgoing.filter(({ refusal }) => refusal !== undefined).map(({ clientId }) => clientId);

/**
 * Tells screen readers once of each message that was refused while the page was open. The rows themselves cannot: they
 * come and go with scrolling, and would tell it each time.
 */
export function Refusals({ outgoing }: { readonly outgoing: readonly Outgoing[] }) {
  const [known] = useState(() => new Set(refusedOf(outgoing)));
  return (
    <div role="alert" aria-atomic="false" className="sr-only">
      {refusedOf(outgoing)
        .filter((clientId) => !known.has(clientId))
        .map((clientId) => (
          <p key={clientId}>A message was refused. It stands in the list with the reason.</p>
        ))}
    </div>
  );
}
