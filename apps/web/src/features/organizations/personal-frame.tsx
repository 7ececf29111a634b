import type { ReactNode } from 'react';
import { Shell } from '../../app/shell.tsx';
import { AccountMenu } from '../auth/index.tsx';

/** The frame of a page that belongs to no organisation. */
export function PersonalFrame({ children }: { readonly children: ReactNode }) {
  return (
    <Shell
      side={
        <>
          <div className="flex-1" />
          <AccountMenu />
        </>
      }
    >
      <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col overflow-y-auto outline-none">
        {children}
      </main>
    </Shell>
  );
}
