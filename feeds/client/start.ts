import { NexusError } from '../base/mod.ts';
import { FeedsClient } from './feeds.ts';
import type { Feeds } from './types.ts';

export interface FeedsOptions {
  /** Folder of the node's state; the logs lie in its `store`. */
  home: string;
  /** 32-byte Ed25519 seed of the identity. */
  seed: Uint8Array;
  /** Address that sockets bind to; `127.0.0.1` for meshes on one machine. */
  host?: string;
  /** UDP port to prefer. */
  port?: number;
  /** Bootstrap nodes of the DHT; the public ones if left out. */
  bootstrap?: { host: string; port: number }[];
  /** Disk for the payload of other identities' logs and blobs; 4 GiB if left out. */
  quotaBytes?: number;
  /** Path of the Node binary; found on the PATH if left out. */
  node?: string;
}

const QUOTA_BYTES = 4 * 1024 ** 3;

/**
 * Starts the feeds service of a home. Needs no network.
 * @throws {NexusError} `HOME_LOCKED` if another process uses the home, `HOME_UNUSABLE`,
 * `NODE_NOT_FOUND`, `FEEDS_NOT_STARTED`
 */
export async function startFeeds(options: FeedsOptions): Promise<Feeds> {
  if (options.seed.length !== 32) {
    throw new NexusError('BAD_SEED', 'an identity seed has 32 bytes');
  }
  await Deno.mkdir(options.home, { recursive: true, mode: 0o700 });
  return await FeedsClient.start({ quotaBytes: QUOTA_BYTES, node: 'node', ...options });
}
