import { equalBytes } from '../base/mod.ts';
import type { CoreSpan, CoreState } from '../client/types.ts';
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

/** True if all blocks of a span are here, and the core has that tree at its length. */
export async function holdsSpan(core: Core, span: CoreSpan): Promise<boolean> {
  const { from, length, treeHash } = span;
  if (core.fork !== 0 || length > core.length || from > length) return false;
  if (core.core.bitfield.countSet(from, length - from) !== length - from) return false;
  return equalBytes(await Hypercore.treeHashFromStorage(core, length), treeHash);
}
