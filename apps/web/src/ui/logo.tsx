/** The mark: a block on a plinth. */
export function Mark({ className = 'size-8' }: { readonly className?: string }) {
  return (
    <svg aria-hidden="true" className={className} viewBox="0 0 32 32">
      <path className="fill-copper" d="M11 3.500h10v3.200H11z" />
      <path fill="currentColor" d="M12.500 8h7v9.500h-7zM9 19h14v3.700H9zM6 24.200h20V28H6z" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span className="flex items-center gap-2">
      <Mark className="size-7" />
      <span className="font-display text-xl font-semibold tracking-tight">Plinth</span>
    </span>
  );
}
