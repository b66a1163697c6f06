import { equalBytes } from '../base/mod.ts';
import type { CoreSpan, CoreState, Prefix } from '../client/types.ts';
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

/** Blocks `[from, length)`: their bytes, and the tree of that length. */
export async function prefixOf(
  core: Core,
  { from, length }: Pick<CoreSpan, 'from' | 'length'>,
): Promise<Prefix | null> {
  if (length > core.length || from > length) return null;
  return {
    bytes: await bytesAt(core, length) - await bytesAt(core, from),
    treeHash: new Uint8Array(await Hypercore.treeHashFromStorage(core, length)),
  };
}

/** Bytes of the first `length` blocks: what the roots of their tree span. */
async function bytesAt(core: Core, length: number): Promise<number> {
  const read = core.state.storage.read();
  const roots = rootsOf(length).map((index) => read.getTreeNode(index));
  read.tryFlush();
  return (await Promise.all(roots)).reduce((sum, node) => sum + node!.size, 0);
}

/** Indices of the roots of a tree of so many blocks, as Hypercore counts nodes: leaves are even. */
function rootsOf(length: number): number[] {
  const roots: number[] = [];
  for (let from = 0; from < length;) {
    const blocks = 2 ** Math.floor(Math.log2(length - from));
    roots.push(2 * from + blocks - 1);
    from += blocks;
  }
  return roots;
}

/** True if all blocks of a span are here, and the core has that tree at its length. */
export async function holdsSpan(core: Core, span: CoreSpan): Promise<boolean> {
  const { from, length, treeHash } = span;
  if (core.fork !== 0 || length > core.length || from > length) return false;
  if (core.core.bitfield.countSet(from, length - from) !== length - from) return false;
  return equalBytes(await Hypercore.treeHashFromStorage(core, length), treeHash);
}
