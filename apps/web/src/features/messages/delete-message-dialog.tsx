import { useMutation } from '@tanstack/react-query';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';

interface DeleteMessageDialogProps {
  readonly onDelete: () => Promise<void>;
  readonly onClose: () => void;
  /** Gives the focus to where to go on: the message had it and may be gone. */
  readonly focusAfter: () => void;
}

export function DeleteMessageDialog({ onDelete, onClose, focusAfter }: DeleteMessageDialogProps) {
  const remove = useMutation({ mutationFn: onDelete, onSuccess: onClose });
  return (
    <ConfirmDialog
      title="Delete this message?"
      onClose={onClose}
      focusAfter={focusAfter}
      confirm={
        <>
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Delete
          </Button>
        </>
      }
    >
      <p>It disappears for everybody, and there is no way back.</p>
      {remove.error && <ProblemBanner error={remove.error} />}
    </ConfirmDialog>
  );
}
