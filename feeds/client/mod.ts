/**
 * The Deno side of the feeds service: logs, peers, channels, blobs.
 * @module
 */
export type * from './types.ts';
export { type FeedsOptions, startFeeds } from './start.ts';
export { type ArchiveOptions, openArchive, type StoredLogs } from './archive.ts';
export { type Dht, type DhtOptions, startDht } from './dht.ts';
export { boxSecret, MAX_MESSAGE } from '../wire/mod.ts';
