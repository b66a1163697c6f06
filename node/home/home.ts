import { loadConfig } from './config.ts';
import { makeFolder, makePrivateFolder } from './files.ts';
import { ensureIdentity } from './identity.ts';
import { type HomePaths, pathsOf } from './paths.ts';
import type { Config } from './schema.ts';

/** A node's home, opened. */
export interface Home {
  paths: HomePaths;
  /** Ed25519 seed of the identity, 32 bytes: a secret. */
  seed: Uint8Array;
  /** True if the identity was created just now. */
  created: boolean;
  config: Config;
}

/**
 * Opens a home: creates folder (0700) and identity (0600) where they are missing, reads the config.
 * Takes no lock; see `acquireNode`.
 * @param path of the home; the default one if absent
 * @throws {NexusError} `IDENTITY_CORRUPT`, `IDENTITY_EXPOSED`, `CONFIG_INVALID`, `FOLDER_FAILED`
 */
export async function openHome(path?: string): Promise<Home> {
  const paths = pathsOf(path);
  await makeFolder(paths.home);
  await makePrivateFolder(paths.run);
  const config = await loadConfig(paths.config);
  const { seed, created } = await ensureIdentity(paths.identity);
  return { paths, seed, created, config };
}
