import { useEffect, useState } from 'react';
import { sameDay, untilMidnight } from './rows.ts';

/** Timers stand still while a computer sleeps: the clock is looked at this often, in milliseconds. */
const LOOK_MS = 60_000;

/** The present day; changes at midnight, also in a tab that was left open or on a computer that slept. */
export const useToday = (): Date => {
  const [today, setToday] = useState(() => new Date());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      const now = new Date();
      setToday((known) => (sameDay(known, now) ? known : now));
      timer = setTimeout(look, Math.min(untilMidnight(now), LOOK_MS));
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return today;
};
