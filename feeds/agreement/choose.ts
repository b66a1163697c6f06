import { fromHex, taggedHash, toHex } from '../base/mod.ts';
import { type CutHead, LIMITS } from '../records/mod.ts';
import type { Covered } from './types.ts';

/**
 * Heads for a cut, in the order of their keys: of cores that have grown, as many as fit. Half of the
 * places are for cores that were covered before, those first that have waited longest, so that each
 * comes in turn however many there are; half for new ones, drawn by the cut before, so that whoever
 * makes thousands of them cannot keep a single one out for ever. What one half leaves, the other takes.
 * @param grown heads whose blocks are held
 * @param seed hash of the cut before
 * @param first cores (hexadecimal) that have a place before all others: those of the witnesses, whose
 * shares of a beacon count in the next cut alone
 */
export function chooseHeads(
  grown: readonly CutHead[],
  covered: ReadonlyMap<string, Covered>,
  seed: Uint8Array,
  most: number = LIMITS.cutHeads,
  first: ReadonlySet<string> = new Set(),
): CutHead[] {
  const heads = grown.map((head) => {
    const key = toHex(head.core);
    const before = covered.get(key);
    return { head, key, before, draw: toHex(taggedHash('nexus/cut-place/1', seed, fromHex(key))) };
  }).filter(({ head, before }) => head.length > (before?.length ?? 0));
  if (heads.length > most) {
    heads.sort((a, b) =>
      (a.before?.epoch ?? -1) - (b.before?.epoch ?? -1) || (a.draw < b.draw ? -1 : 1)
    );
  }
  const taken = heads.filter(({ key }) => first.has(key)).slice(0, most);
  const others = heads.filter(({ key }) => !first.has(key)), left = most - taken.length;
  const known = others.filter(({ before }) => before !== undefined);
  const fresh = others.filter(({ before }) => before === undefined);
  const places = Math.max(Math.floor(left / 2), left - known.length);
  taken.push(...fresh.slice(0, places));
  taken.push(...known.slice(0, most - taken.length));
  return taken.sort((a, b) => a.key < b.key ? -1 : 1).map(({ head }) => head);
}
