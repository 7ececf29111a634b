/** The accounts of the development data (prisma/seeds/users.ts), one for each role in an organisation. */
const ACCOUNTS = [
  ['owner@acme.example', 'Owner'],
  ['admin@acme.example', 'Admin'],
  ['member@acme.example', 'Member'],
  ['guest@acme.example', 'Guest'],
] as const;
const PASSWORD = 'plinth-demo-1';

/** Accounts to try the app with. Development only: the build leaves it out. */
export function DemoAccounts() {
  return (
    <aside aria-labelledby="demo-title" className="mt-8 rounded-md border border-line bg-sunken p-4 text-sm">
      <h2 id="demo-title" className="font-sans font-semibold">
        Demo accounts
      </h2>
      <p className="mb-2 text-muted">
        Their password is <code className="font-semibold text-ink">{PASSWORD}</code>
      </p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {ACCOUNTS.map(([email, role]) => (
          <div key={email} className="contents">
            <dt className="text-muted">{role}</dt>
            <dd>
              <code>{email}</code>
            </dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}
