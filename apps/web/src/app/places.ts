/** Where people were last, by ids alone: in memory, and in the browser's storage where it may be used. */
export interface Place {
  readonly orgId: string;
  readonly channelId: string;
}

const MAX_PLACES = 50;
const known = new Map<string, readonly Place[]>();
const keyOf = (userId: string) => `plinth:places:${userId}`;

const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' && value !== null && 'orgId' in value && 'channelId' in value;

const read = (userId: string): readonly Place[] => {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(userId)) ?? '[]');
    return Array.isArray(value) ? value.filter(isPlace) : [];
  } catch {
    return [];
  }
};

const write = (userId: string, places: readonly Place[]) => {
  known.set(userId, places);
  try {
    localStorage.setItem(keyOf(userId), JSON.stringify(places));
  } catch {
    // Storage is full or not allowed: this tab remembers all the same.
  }
};

/** The channels that somebody has looked at, the last one first; one for each organisation. */
export const placesOf = (userId: string): readonly Place[] => {
  const stored = read(userId);
  // Other tabs write as well; what has been cleared is known here all the same.
  if (stored.length > 0) known.set(userId, stored);
  return known.get(userId) ?? [];
};

export const rememberPlace = (userId: string, place: Place): void => {
  const [last] = placesOf(userId);
  if (last?.orgId === place.orgId && last.channelId === place.channelId) return;
  const others = placesOf(userId).filter(({ orgId }) => orgId !== place.orgId);
  write(userId, [place, ...others].slice(0, MAX_PLACES));
};

/** Signing out clears the storage of this origin; where somebody was tells nobody anything, and is put back. */
export const keepPlaces = (): void => {
  for (const [userId, places] of known) write(userId, places);
};
