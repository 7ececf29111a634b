import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { explain } from '../../app/explain.ts';
import { useServices } from '../../app/services.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { ChevronIcon } from '../../ui/icons.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { Name, plainName } from '../../ui/names.tsx';
import { useUser } from './use-session.ts';

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { session, features } = useServices();
  const user = useUser();
  const [leaving, setLeaving] = useState<string>();
  const signOut = useMutation({ mutationFn: session.signOut });

  const leave = () => {
    const unsaved = features.flatMap((feature) => feature.unsaved?.(user.id) ?? []);
    if (unsaved.length === 0) signOut.mutate();
    else setLeaving(unsaved.join(' and '));
  };

  return (
    <div className="border-t border-side-line p-2">
      {signOut.error !== null && (
        <p role="alert" className="m-1 rounded-md border border-copper px-2.5 py-1.5 text-sm">
          You are still signed in. {explain(signOut.error).detail} When this page is loaded again, signing out
          is tried once more.
        </p>
      )}
      <Menu
        label={`Account of ${plainName(user.name)}`}
        buttonClass="flex w-full min-w-0 items-center gap-2.5 rounded-md p-2 text-left hover:bg-side-raised"
        panelClass="bottom-full left-0 mb-1 w-full"
        button={
          <>
            <Avatar id={user.id} name={user.name} className="size-8 text-xs" />
            <span className="min-w-0 flex-1">
              <Name className="block truncate font-medium">{user.name}</Name>
              <span className="block truncate text-sm text-side-muted">{user.email}</span>
            </span>
            <ChevronIcon className="size-4 shrink-0 rotate-180 text-side-muted" />
          </>
        }
      >
        {() => (
          <MenuItem busy={signOut.isPending} onClick={leave}>
            {signOut.isPending ? 'Signing out…' : 'Sign out'}
          </MenuItem>
        )}
      </Menu>
      {leaving !== undefined && (
        <ConfirmDialog
          title="Sign out and discard unsent messages?"
          onClose={() => setLeaving(undefined)}
          confirm={
            <>
              <Button look="quiet" onClick={() => setLeaving(undefined)}>
                Stay
              </Button>
              <Button
                look="danger"
                busy={signOut.isPending}
                onClick={() => signOut.mutate(undefined, { onError: () => setLeaving(undefined) })}
              >
                Sign out
              </Button>
            </>
          }
        >
          <p>There is still {leaving} here. Signing out deletes it from this browser.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
