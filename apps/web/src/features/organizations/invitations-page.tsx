import { Link } from '@tanstack/react-router';
import { PageHeading } from '../../app/page-heading.tsx';
import { MyInvitations } from './my-invitations.tsx';
import { PersonalFrame } from './personal-frame.tsx';
import { useMembershipEvents } from './queries.ts';

/** `/invitations`: what the signed-in person is invited to. */
export function InvitationsPage() {
  useMembershipEvents();
  return (
    <PersonalFrame>
      <title>Invitations · Plinth</title>
      <div className="mx-auto flex w-full max-w-3xl flex-col gap-6 px-4 py-6 sm:px-8 sm:py-10">
        <header>
          <PageHeading className="text-3xl font-semibold">Invitations</PageHeading>
          <p className="text-muted">You become a member when you accept. Nobody is told when you decline.</p>
        </header>
        <MyInvitations empty={<p className="text-muted">There are no open invitations for you.</p>} />
        <Link to="/" className="self-start font-medium text-accent-deep underline underline-offset-4">
          Back to your organisations
        </Link>
      </div>
    </PersonalFrame>
  );
}
