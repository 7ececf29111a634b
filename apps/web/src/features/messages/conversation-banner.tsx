import { useConnection, useLasting } from '../../app/connection.tsx';
import { isPassing } from '../../app/explain.ts';
import { LaterNote } from '../../app/loaded.tsx';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import type { ConversationState } from './use-conversation.ts';

interface ConversationBannerProps {
  readonly state: ConversationState;
  /** Why nothing can be sent at the moment. */
  readonly unsent: unknown;
  readonly onRetry: () => void;
}

/**
 * The one banner of a conversation: the most important thing to know, or nothing, and nothing while the notice of the
 * page speaks of the connection. Whatever it says, what was written is kept and goes out by itself.
 */
export function ConversationBanner({ state, unsent, onRetry }: ConversationBannerProps) {
  const connection = useConnection();
  const unread = useLasting(state.error !== undefined);

  if (state.phase === 'failed') {
    return connection !== 'fine' && isPassing(state.error) ? (
      <LaterNote className="p-6 text-center text-muted" />
    ) : (
      <ProblemBanner error={state.error} className="m-3" onRetry={onRetry} />
    );
  }
  const words =
    unsent !== undefined
      ? 'The service does not take messages at the moment. What you write is kept and sent as soon as it does.'
      : (unread || state.deaf) && 'New messages may appear late at the moment.';
  if (connection !== 'fine' || !words) return null;
  return (
    <Banner
      tone="warning"
      role="status"
      className="m-3 mb-0"
      action={
        <Button look="quiet" onClick={onRetry}>
          Try again
        </Button>
      }
    >
      {words}
    </Banner>
  );
}
