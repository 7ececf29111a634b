import {
  type ComponentProps,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { classes } from './classes.ts';
import { targetOf } from './menu-keys.ts';

interface MenuProps {
  readonly label: string;
  /** What the button shows. */
  readonly button: ReactNode;
  readonly buttonClass: string;
  /** -1 where the button stands in something that is one tab stop as a whole. */
  readonly tabIndex?: number;
  /** Where the panel is, and the direction of what is in it. */
  readonly panelClass: string;
  /** The items: `MenuItem`s, and links with the attributes of `menuItem`. */
  readonly children: (close: () => void) => ReactNode;
}

/**
 * A button that opens a menu, by the pattern of the ARIA Authoring Practices ("Menu Button"): the focus goes into the
 * menu, arrow keys, Home, End and letters move it, Escape and Tab close it and give it back.
 */
export function Menu({ label, button, buttonClass, tabIndex, panelClass, children }: MenuProps) {
  const [opened, setOpened] = useState<'first' | 'last'>();
  const open = opened !== undefined;
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: '', at: 0 });
  const id = useId();

  const items = () => [...(menu.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
  const close = () => {
    setOpened(undefined);
    trigger.current?.focus();
  };

  useEffect(() => {
    if (opened === undefined) return;
    const found = [...(menu.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
    found.at(opened === 'first' ? 0 : -1)?.focus();
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpened(undefined);
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
    };
  }, [opened]);

  const onTriggerKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    setOpened(event.key === 'ArrowDown' ? 'first' : 'last');
  };

  const onMenuKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
      // What the menu stands in, as the drawer of a phone, stays open.
      event.stopPropagation();
      close();
      return;
    }
    if (event.key === 'Tab') return close();
    const all = items();
    const current = all.findIndex((item) => item.matches(':focus'));
    // Buttons do it by themselves, links only with Enter.
    if (event.key === ' ') {
      event.preventDefault();
      all[current]?.click();
      return;
    }
    const labels = all.map((item) => item.textContent ?? '');
    const target = targetOf(event.key, labels, current, typed.current, event.timeStamp);
    if (target === undefined) return;
    event.preventDefault();
    all[target]?.focus();
  };

  return (
    <div ref={root} className="relative min-w-0">
      <button
        ref={trigger}
        type="button"
        tabIndex={tabIndex}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => (open ? close() : setOpened('first'))}
        onKeyDown={onTriggerKey}
        className={buttonClass}
      >
        {button}
      </button>
      {open && (
        <div
          className={classes(
            'absolute z-20 rounded-md border border-line bg-surface p-1 text-ink shadow-raised',
            panelClass,
          )}
        >
          <div
            ref={menu}
            id={id}
            role="menu"
            tabIndex={-1}
            aria-label={label}
            onKeyDown={onMenuKey}
            className={classes('flex gap-0.5', panelClass.includes('flex-row') ? 'flex-row' : 'flex-col')}
          >
            {children(close)}
          </div>
        </div>
      )}
    </div>
  );
}

/** Attributes of one line in a menu, for a link; `MenuItem` is one that is a button. */
export const menuItem = {
  role: 'menuitem',
  tabIndex: -1,
  className:
    'flex min-h-10 w-full items-center gap-2.5 rounded-sm px-2.5 py-1.5 text-left hover:bg-sunken focus:bg-sunken focus:outline-2 focus:-outline-offset-2 focus:outline-focus',
} as const;

interface MenuItemProps extends Pick<ComponentProps<'button'>, 'onClick' | 'children'> {
  /** What it started is still going on. */
  readonly busy?: boolean;
}

export function MenuItem({ busy = false, onClick, children }: MenuItemProps) {
  return (
    <button
      {...menuItem}
      type="button"
      aria-disabled={busy || undefined}
      onClick={busy ? undefined : onClick}
    >
      {children}
    </button>
  );
}
