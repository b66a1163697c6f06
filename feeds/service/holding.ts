import type { CoreState } from '../client/types.ts';
import { type Core, Hypercore } from './native.ts';

/**
 * How far a core is known and held here. Waits for no peer: the newest block may be known by its
 * hash alone.
 */
export async function coreState(core: Core): Promise<CoreState> {
  const { length, byteLength, fork, contiguousLength } = core;
  const held = contiguousLength >= length ? length : core.core.bitfield.countSet(0, length);
  return {
    key: new Uint8Array(core.key),
    length,
    fork,
    bytes: byteLength,
    held,
    treeHash: new Uint8Array(await Hypercore.treeHashFromStorage(core, length)),
  };
}
