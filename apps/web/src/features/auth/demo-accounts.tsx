import { useMutation } from '@tanstack/react-query';
import { demoPassword, demoUsers } from '../../../../../prisma/seeds/demo-users.ts';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { useServices } from '../../app/services.tsx';
import { Button } from '../../ui/button.tsx';

/** Accounts to try the app with, each signed in by one click. Development only: the build leaves it out. */
export function DemoAccounts() {
  const { session } = useServices();
  const enter = useMutation({
    mutationFn: (email: string) => session.signIn({ email, password: demoPassword }),
  });
  return (
    <aside aria-labelledby="demo-title" className="mt-8 rounded-md border border-line bg-sunken p-4 text-sm">
      <h2 id="demo-title" className="font-sans font-semibold">
        Demo accounts
      </h2>
      <p className="mb-3 text-muted">
        One click signs in. They all use the password{' '}
        <code className="font-semibold text-ink">{demoPassword}</code>
      </p>
      {enter.error && <ProblemBanner error={enter.error} className="mb-3" />}
      <ul className="flex flex-col gap-1.5">
        {demoUsers.map(({ email, name, is, can }) => (
          <li key={email}>
            <Button
              look="quiet"
              className="w-full flex-wrap justify-between! gap-x-3! px-3! text-left"
              busy={enter.isPending && enter.variables === email}
              onClick={() => enter.mutate(email)}
            >
              <span>
                {name}, <span className="font-normal">{is}</span>
              </span>
              <span className="text-xs font-normal text-muted">{can}</span>
            </Button>
          </li>
        ))}
      </ul>
    </aside>
  );
}
