import { toHex } from '../base/mod.ts';
import type { Store } from './native.ts';

/** Corestore's own namespace, when none was asked for. */
const NAMELESS = new Uint8Array(32);

/** Keys of the logs in a store; blobs are none. */
export async function storedCores(store: Store): Promise<Uint8Array[]> {
  // Only imports of blobs have a name.
  const imports = new Set<string>();
  for await (const discoveryKey of store.list(NAMELESS)) imports.add(toHex(discoveryKey));
  const keys: Uint8Array[] = [];
  for await (const discoveryKey of store.list()) {
    if (imports.has(toHex(discoveryKey))) continue;
    const auth = await store.storage.getAuth(discoveryKey);
    // Blobs have no signer: their key is the hash of their content.
    if (auth?.manifest?.signers.length) keys.push(new Uint8Array(auth.key));
  }
  return keys;
}
