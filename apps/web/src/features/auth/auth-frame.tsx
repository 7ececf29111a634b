import { useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Redirect } from '../../app/redirect.tsx';
import { Wordmark } from '../../ui/logo.tsx';
import { CookieNotice } from './cookie-notice.tsx';
import { nextPage } from './next-page.ts';
import { useSession } from './use-session.ts';

interface AuthFrameProps {
  readonly title: string;
  readonly lead: string;
  readonly children: ReactNode;
}

/** The page around signing in and up; whoever is signed in already is led on. */
export function AuthFrame({ title, lead, children }: AuthFrameProps) {
  const state = useSession();
  const { next } = useSearch({ strict: false });
  if (state.status === 'signedIn') return <Redirect href={nextPage(next)} />;

  return (
    <div className="grid min-h-full grid-rows-[auto_1fr] lg:grid-rows-none lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
      <title>{`${title} · Plinth`}</title>
      <header className="relative flex flex-col gap-[16vh] overflow-hidden bg-side p-5 text-side-ink lg:p-12">
        <Wordmark />
        <div className="relative z-10 hidden max-w-md lg:block">
          <p className="font-display text-4xl leading-tight font-semibold text-balance">
            Solid ground for the things your team says.
          </p>
          <p className="mt-4 text-side-muted">Live conversations, and nothing lost on the way.</p>
        </div>
        <Colonnade />
      </header>
      <main className="flex items-start justify-center px-5 py-10 sm:items-center lg:py-16">
        <div className="w-full max-w-md">
          <h1 className="text-3xl font-semibold">{title}</h1>
          <p className="mt-2 mb-7 text-muted">{lead}</p>
          <CookieNotice />
          {children}
        </div>
      </main>
    </div>
  );
}

/** Columns on their plinths, cut by the edge of the panel. Decoration. */
function Colonnade() {
  return (
    <svg
      aria-hidden="true"
      className="pointer-events-none absolute -right-10 bottom-0 hidden h-2/5 text-side-raised lg:block"
      viewBox="0 0 420 300"
    >
      <path
        fill="currentColor"
        d="M30 0h58v210H30zM18 218h82v24H18zM0 250h118v50H0zM180 70h58v140h-58zM168 218h82v24h-82zM150 250h118v50H150zM330 0h58v210h-58zM318 218h82v24h-82zM300 250h118v50H300z"
      />
      <path className="fill-copper" d="M172 50h74v14h-74z" />
    </svg>
  );
}
