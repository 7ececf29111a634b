import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Form } from '../../app/form.tsx';
import { useClient } from '../../app/services.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { useOrganization } from '../organizations/index.tsx';
import { channelsQuery } from './queries.ts';

export function NewChannelDialog({ onClose }: { readonly onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { id: orgId } = useOrganization();

  const create = async ({ name = '', topic = '' }: Readonly<Record<string, string>>) => {
    // Names are typed with spaces and capitals; the channel is addressed without.
    const plain = name.trim().toLowerCase().replace(/\s+/g, '-');
    const channel = await client.channels.createChannel({
      params: { orgId },
      body: { name: plain, ...(topic.trim() === '' ? {} : { topic }) },
    });
    await queries.invalidateQueries(channelsQuery(client, orgId));
    onClose();
    await navigate({ to: '/o/$orgId/c/$channelId', params: { orgId, channelId: channel.id } });
  };

  return (
    <Dialog title="New channel" onClose={onClose}>
      <Form
        submit="Create channel"
        fields={['name', 'topic']}
        onSubmit={create}
        cancel={
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
        }
      >
        {(errorOf) => (
          <>
            <Field
              label="Name"
              name="name"
              autoComplete="off"
              hint="Letters, digits, “-” and “_”."
              error={errorOf('name')}
            />
            <Field
              label="Topic (optional)"
              name="topic"
              autoComplete="off"
              hint="What is it about?"
              error={errorOf('topic')}
            />
          </>
        )}
      </Form>
    </Dialog>
  );
}
