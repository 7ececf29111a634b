import { PASSWORD_LENGTH } from '@plinth/contracts/text';
import { Link, useSearch } from '@tanstack/react-router';
import { Form } from '../../app/form.tsx';
import { useServices } from '../../app/services.tsx';
import { Field, PasswordField } from '../../ui/field.tsx';
import { AuthFrame } from './auth-frame.tsx';

export function SignUpPage() {
  const { session } = useServices();
  const search = useSearch({ strict: false });

  return (
    <AuthFrame
      title="Create an account"
      lead="An account and a first organisation for your team, in one step."
    >
      <Form
        wide
        submit="Create account"
        fields={['name', 'organizationName', 'email', 'password']}
        onSubmit={({ name = '', organizationName = '', email = '', password = '' }) =>
          session.signUp({ name, organizationName, email, password })
        }
      >
        {(errorOf) => (
          <>
            <Field label="Your name" name="name" autoComplete="name" autoFocus error={errorOf('name')} />
            <Field
              label="Organisation"
              name="organizationName"
              autoComplete="organization"
              hint="Your team or company. You can add people to it later."
              error={errorOf('organizationName')}
            />
            <Field label="Email" name="email" type="email" autoComplete="username" error={errorOf('email')} />
            <PasswordField
              label="Password"
              name="password"
              autoComplete="new-password"
              hint={`At least ${PASSWORD_LENGTH.min} characters. A few random words make a good one.`}
              error={errorOf('password')}
            />
          </>
        )}
      </Form>
      <p className="mt-7 text-muted">
        Already have an account?{' '}
        <Link
          to="/sign-in"
          search={search}
          className="font-medium text-accent-deep underline underline-offset-4"
        >
          Sign in
        </Link>
      </p>
    </AuthFrame>
  );
}
