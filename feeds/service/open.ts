import { messageOf, NexusError } from '../base/mod.ts';
import { Corestore, Hypercore, type Store } from './native.ts';

/** Entries are small and written once: RocksDB's own 64 MB fill for weeks before they are written out. */
const WRITE_BUFFER = 4 * 1024 * 1024;

/**
 * Opens the store of a node.
 * @throws {NexusError} `HOME_LOCKED`, `HOME_COPIED`, `HOME_UNUSABLE`
 */
export async function openStore(folder: string): Promise<Store> {
  const storage = Hypercore.defaultStorage(folder, { writeBufferSize: WRITE_BUFFER });
  const store = new Corestore(storage);
  try {
    await store.ready();
  } catch (error) {
    throw openError(folder, error);
  }
  return store;
}

function openError(folder: string, error: unknown): NexusError {
  const text = messageOf(error);
  if (/could not be locked/i.test(text)) {
    return new NexusError('HOME_LOCKED', `another process uses the store in ${folder}`, {
      hint: 'stop the node that runs with this home, or use another with --home',
      cause: error,
    });
  }
  // The store knows the file that it was made as: a copy of it may not go on beside the original.
  if (/moved unsafely/i.test(text)) {
    return new NexusError('HOME_COPIED', `${folder} is a copy of another node's store`, {
      hint: 'two nodes of one identity contradict each other: for a new one remove identity and ' +
        `store here; if the original is gone for good, remove ${folder}/CORESTORE`,
      cause: error,
    });
  }
  return new NexusError('HOME_UNUSABLE', `the store in ${folder} cannot be opened: ${text}`, {
    hint: 'check that the folder is writable and its disk not full; restore a damaged one',
    cause: error,
  });
}
