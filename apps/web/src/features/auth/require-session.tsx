import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { ConnectionProvider } from '../../app/connection.tsx';
import { PageNotice } from '../../app/page-notice.tsx';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { Redirect } from '../../app/redirect.tsx';
import { useServices } from '../../app/services.tsx';
import { Button } from '../../ui/button.tsx';
import { Mark, Wordmark } from '../../ui/logo.tsx';
import { LoadingNote } from '../../ui/skeleton.tsx';
import { CookieNotice } from './cookie-notice.tsx';
import { useSession } from './use-session.ts';

/** Lets signed-in people through and sends everybody else to the sign-in page, and back afterwards. */
export function RequireSession() {
  const { session } = useServices();
  const state = useSession();

  switch (state.status) {
    case 'signedIn':
      // Another person gets another tree: no state of a component crosses over.
      return <Providers key={state.user.id} />;
    case 'signedOut':
      return <ToSignIn comeBack={state.reason !== 'left'} />;
    case 'unreachable':
      return (
        <main className="m-auto flex min-h-full max-w-lg flex-col justify-center gap-6 p-6">
          <title>No connection · Plinth</title>
          <Wordmark />
          {state.leaving && (
            <>
              <h1 className="text-3xl font-semibold">You are not signed out yet</h1>
              <p>You asked to sign out, and the service has not confirmed it.</p>
            </>
          )}
          <ProblemBanner error={state.error} onRetry={() => void session.restore()} />
          <div className="flex flex-wrap gap-3">
            {state.leaving && (
              <Button look="quiet" onClick={() => void session.stay()}>
                Stay signed in
              </Button>
            )}
            <Link
              to="/sign-in"
              className="px-1 py-2 font-medium text-accent-deep underline underline-offset-4"
            >
              Sign in as somebody else
            </Link>
          </div>
        </main>
      );
    case 'restoring':
      return (
        <main className="flex h-full items-center justify-center">
          <Mark className="size-12 animate-breathe text-line-strong" />
          <LoadingNote>Loading</LoadingNote>
        </main>
      );
  }
}

/**
 * The page, inside of what the features put around every page. The connection stands from page to page, and so does
 * the notice: what it says is not said again on each page.
 */
function Providers() {
  const { features, realtime } = useServices();
  useEffect(() => realtime.use(), [realtime]);
  let inner: ReactNode = <Outlet />;
  for (const { Provider } of features.toReversed()) {
    if (Provider) inner = <Provider>{inner}</Provider>;
  }
  return (
    <ConnectionProvider>
      <div className="flex h-full flex-col">
        <PageNotice otherwise={<CookieNotice wide />} />
        <div className="min-h-0 flex-1">{inner}</div>
      </div>
    </ConnectionProvider>
  );
}

function ToSignIn({ comeBack }: { readonly comeBack: boolean }) {
  const { href } = useLocation();
  // The page that was asked for, not the sign-in page that the location becomes while it is on the way.
  const [wanted] = useState(href);
  return <Redirect to="/sign-in" search={comeBack && wanted !== '/' ? { next: wanted } : {}} />;
}
