import { Link, useSearch } from '@tanstack/react-router';
import { Form } from '../../app/form.tsx';
import { useServices } from '../../app/services.tsx';
import { Banner } from '../../ui/banner.tsx';
import { Field, PasswordField } from '../../ui/field.tsx';
import { AuthFrame } from './auth-frame.tsx';
import { DemoAccounts } from './demo-accounts.tsx';
import { useSession } from './use-session.ts';

export function SignInPage() {
  const { session } = useServices();
  const state = useSession();
  const search = useSearch({ strict: false });

  return (
    <AuthFrame title="Sign in" lead="Welcome back. Your conversations are where you left them.">
      {state.status === 'signedOut' && state.reason === 'ended' && (
        <Banner tone="info" role="status" className="mb-4">
          Your session has ended. Sign in again to go on.
        </Banner>
      )}
      <Form
        wide
        submit="Sign in"
        fields={['email', 'password']}
        onSubmit={({ email = '', password = '' }) => session.signIn({ email, password })}
      >
        {(errorOf) => (
          <>
            <Field
              label="Email"
              name="email"
              type="email"
              autoComplete="username"
              autoFocus
              error={errorOf('email')}
            />
            <PasswordField
              label="Password"
              name="password"
              autoComplete="current-password"
              error={errorOf('password')}
            />
          </>
        )}
      </Form>
      <p className="mt-7 text-muted">
        New here?{' '}
        <Link
          to="/sign-up"
          search={search}
          className="font-medium text-accent-deep underline underline-offset-4"
        >
          Create an account
        </Link>
      </p>
      {import.meta.env.DEV && <DemoAccounts />}
    </AuthFrame>
  );
}
