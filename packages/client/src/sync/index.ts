export * from './channel-sync.ts';
export * from './drafts.ts';
export * from './outgoing.ts';
export { createShelf, type ForeignChange, type KeyStore, type Shelf } from './storage.ts';
export type { Changes, Entry, Later, MessagePage, SyncMessage } from './types.ts';
