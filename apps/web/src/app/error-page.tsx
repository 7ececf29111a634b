import { useRouter } from '@tanstack/react-router';
import { Button } from '../ui/button.tsx';
import { Wordmark } from '../ui/logo.tsx';
import { explain } from './explain.ts';

/** What is shown when a part of the page broke. */
export function ErrorPage({ error }: { readonly error: unknown }) {
  const router = useRouter();
  const { title, detail, requestId } = explain(error);
  return (
    <main
      className="m-auto flex min-h-full max-w-md flex-col items-start justify-center gap-4 p-6"
      role="alert"
    >
      <title>Something went wrong · Plinth</title>
      <Wordmark />
      <h1 className="text-3xl font-semibold">{title ?? 'This did not work'}</h1>
      <p className="text-muted">{detail}</p>
      {requestId !== undefined && <p className="text-sm text-muted">Request id: {requestId}</p>}
      <Button onClick={() => void router.invalidate()}>Try again</Button>
    </main>
  );
}
