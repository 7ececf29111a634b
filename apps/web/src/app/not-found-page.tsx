import { Link } from '@tanstack/react-router';
import { Mark } from '../ui/logo.tsx';
import { PageHeading } from './page-heading.tsx';

/** The page behind an address that leads nowhere, or that is not for this person: both look the same. */
export function NotFoundPage() {
  return (
    <main
      id="main"
      tabIndex={-1}
      className="flex h-full w-full flex-col items-center justify-center gap-4 p-6 text-center"
    >
      <title>Page not found · Plinth</title>
      <Mark className="size-16 rotate-90 text-line-strong" />
      <PageHeading className="text-3xl font-semibold">Page not found</PageHeading>
      <p className="max-w-sm text-muted">
        This page does not exist, or it belongs to an organisation that you are not a member of.
      </p>
      <Link to="/" className="font-medium text-accent-deep underline underline-offset-4">
        Back to the start
      </Link>
    </main>
  );
}
