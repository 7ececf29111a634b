import { useEffect, useState } from 'react';
import { untilMidnight } from './rows.ts';

/** The present day; changes at midnight, also in a tab that was left open or a computer that slept. */
export const useToday = (): Date => {
  const [today, setToday] = useState(() => new Date());
  useEffect(() => {
    const look = () => setToday(new Date());
    const timer = setTimeout(look, untilMidnight(today));
    const onVisible = () => document.visibilityState === 'visible' && look();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [today]);
  return today;
};
