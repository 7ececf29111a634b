/** Where to find an account to try the app with. Development only: the build leaves it out. */
export function DemoAccounts() {
  return (
    <aside className="mt-8 rounded-md border border-line bg-sunken p-4 text-sm text-muted">
      <h2 className="font-sans font-semibold text-ink">Demo accounts</h2>
      <p>
        Development data has one account for each role. Their addresses and their password are on the screen
        of the terminal that runs this app.
      </p>
    </aside>
  );
}
