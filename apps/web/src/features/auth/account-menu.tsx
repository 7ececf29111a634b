import { useMutation } from '@tanstack/react-query';
import { explain } from '../../app/explain.ts';
import { useServices } from '../../app/services.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { ChevronIcon } from '../../ui/icons.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { useUser } from './use-session.ts';

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { session } = useServices();
  const user = useUser();
  const signOut = useMutation({ mutationFn: session.signOut });

  return (
    <div className="border-t border-side-line p-2">
      {signOut.error !== null && (
        <p role="alert" className="m-1 rounded-md border border-copper px-2.5 py-1.5 text-sm">
          You are still signed in. {explain(signOut.error).detail} When this page is loaded again, signing out
          is tried once more.
        </p>
      )}
      <Menu
        label={`Account of ${user.name}`}
        buttonClass="flex w-full min-w-0 items-center gap-2.5 rounded-md p-2 text-left hover:bg-side-raised"
        panelClass="bottom-full left-0 mb-1 w-full"
        button={
          <>
            <Avatar id={user.id} name={user.name} className="size-8 text-xs" />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{user.name}</span>
              <span className="block truncate text-sm text-side-muted">{user.email}</span>
            </span>
            <ChevronIcon className="size-4 shrink-0 rotate-180 text-side-muted" />
          </>
        }
      >
        {() => (
          <MenuItem busy={signOut.isPending} onClick={() => signOut.mutate()}>
            {signOut.isPending ? 'Signing out…' : 'Sign out'}
          </MenuItem>
        )}
      </Menu>
    </div>
  );
}
