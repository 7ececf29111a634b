import { useServices } from '../../app/services.tsx';
import { Banner } from '../../ui/banner.tsx';
import { useSession } from './use-session.ts';

/** Says when the browser does not keep the session's cookie, why, and what helps. */
export function CookieNotice({ wide = false }: { readonly wide?: boolean }) {
  const { session } = useServices();
  const state = useSession();
  const dropped = session.dropsCookies();
  const lost = state.status === 'signedIn' && !state.kept;
  if (!dropped && !lost) return null;
  return (
    <Banner tone="warning" role="status" {...(wide ? { wide } : { className: 'mb-5' })}>
      {lost
        ? 'Your browser has not kept you signed in: loading this page again signs you out. '
        : 'Your browser will not keep you signed in on this page. '}
      {dropped
        ? 'This page came over plain http, and the sign-in cookie is for https only: open its address with https://.'
        : 'Allow cookies for this site, then sign in again.'}
    </Banner>
  );
}
