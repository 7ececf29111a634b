const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

/** The day of a moment where the reader is, in words. */
export const dateInWords = (moment: string): string => day.format(new Date(moment));
