const words = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

/** The day of a moment where the reader is. */
export function Day({ of }: { readonly of: string }) {
  return (
    <time dateTime={of} className="whitespace-nowrap">
      {words.format(new Date(of))}
    </time>
  );
}
