import { IconButton } from '../../ui/button.tsx';
import { DeleteIcon, EditIcon, MoreIcon } from '../../ui/icons.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';

interface MessageActionsProps {
  readonly tabIndex: number;
  /** Which message, in words. */
  readonly subject: string;
  readonly onEdit: (() => void) | undefined;
  readonly onDelete: (() => void) | undefined;
}

/** Beside a message: buttons that appear under the pointer or with the focus; on a touch screen one for a menu. */
export function MessageActions({ subject, tabIndex, onEdit, onDelete }: MessageActionsProps) {
  return (
    <>
      <span className="reveal absolute -top-4 right-6 flex rounded-md border border-line bg-surface shadow-raised touch:hidden">
        {onEdit && (
          <IconButton label={`Edit ${subject}`} tabIndex={tabIndex} onClick={onEdit}>
            <EditIcon />
          </IconButton>
        )}
        {onDelete && (
          <IconButton label={`Delete ${subject}`} tabIndex={tabIndex} onClick={onDelete}>
            <DeleteIcon />
          </IconButton>
        )}
      </span>
      <div className="hidden self-start touch:block">
        <Menu
          label={`Actions for ${subject}`}
          tabIndex={tabIndex}
          button={<MoreIcon />}
          buttonClass="-mr-2 flex size-8 items-center justify-center rounded-md text-muted"
          panelClass="top-1/2 right-full min-w-max -translate-y-1/2 flex-row"
        >
          {(close) => (
            <>
              {onEdit && (
                <MenuItem
                  onClick={() => {
                    close();
                    onEdit();
                  }}
                >
                  <EditIcon />
                  Edit
                </MenuItem>
              )}
              {onDelete && (
                <MenuItem
                  onClick={() => {
                    close();
                    onDelete();
                  }}
                >
                  <DeleteIcon />
                  Delete
                </MenuItem>
              )}
            </>
          )}
        </Menu>
      </div>
    </>
  );
}
