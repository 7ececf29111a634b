import type { ReactNode } from 'react';

interface IconProps {
  readonly className?: string;
}

function Drawing({ className = 'size-4', children }: IconProps & { readonly children: ReactNode }) {
  return (
    <svg
      aria-hidden="true"
      className={className}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {children}
    </svg>
  );
}

export function HashIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="M6.2 2.5 4.8 13.500M11.2 2.5 9.8 13.500M2.8 6h11M2.2 10h11" />
    </Drawing>
  );
}

export function PlusIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="M8 3v10M3 8h10" />
    </Drawing>
  );
}

export function CloseIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="m4 4 8 8M12 4l-8 8" />
    </Drawing>
  );
}

export function MenuIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="M2.5 4h11M2.5 8h11M2.5 12h7" />
    </Drawing>
  );
}

export function PeopleIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <circle cx="6" cy="5.5" r="2.5" />
      <path d="M1.5 13.500c.4-2.6 2.2-4 4.5-4s4.1 1.4 4.5 4M10.8 3.300a2.5 2.5 0 0 1 0 4.400M12.5 10c1.2.7 1.8 1.9 2 3.5" />
    </Drawing>
  );
}

export function MailIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <rect x="2" y="3.5" width="12" height="9" rx="1.5" />
      <path d="m2.5 4.5 5.5 4 5.5-4" />
    </Drawing>
  );
}

export function LeaveIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="M6.5 13.5h-3a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1h3M10.5 11l3-3-3-3M13.5 8h-7" />
    </Drawing>
  );
}

export function ChevronIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />
    </Drawing>
  );
}

export function CheckIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="m3 8.5 3.2 3.200L13 5" />
    </Drawing>
  );
}

export function DownIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="M8 3v10M4 9l4 4 4-4" />
    </Drawing>
  );
}

export function SendIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="M2.5 8 13.5 3l-3 10.5-3-4.500zM7.5 9l3-3.5" />
    </Drawing>
  );
}

export function EditIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="m3 10.5-.5 3 3-.5 7.3-7.3-2.5-2.500zM9 4.5 11.5 7" />
    </Drawing>
  );
}

export function DeleteIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="M3 4.500h10M6.5 4V2.500h3V4M4.5 4.500l.6 9h5.800l.6-9M6.8 7v4M9.2 7v4" />
    </Drawing>
  );
}

export function WarningIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="M8 2.5 14 13H2zM8 6.500v3M8 11.300v.1" />
    </Drawing>
  );
}

export function MoreIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" />
    </Drawing>
  );
}

export function InfoIcon(props: IconProps) {
  return (
    <Drawing {...props}>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 7.5v3.5M8 5v.01" />
    </Drawing>
  );
}
