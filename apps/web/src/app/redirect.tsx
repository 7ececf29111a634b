import { type NavigateOptions, useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent } from 'react';

/**
 * Leads on to another page, once. (The router's own `<Navigate>` does it at every rendering, also at those that its
 * own navigation causes.)
 */
export function Redirect(target: Pick<NavigateOptions, 'to' | 'params' | 'search' | 'href'>) {
  const navigate = useNavigate();
  const go = useEffectEvent(() => void navigate({ ...target, replace: true }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another target is another redirect
  useEffect(() => go(), [target.to, target.href]);
  return null;
}
