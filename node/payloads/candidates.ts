import type { Candidates, Topk } from './types.ts';

/** Numbers of the head: from, positions, candidates each. */
const HEAD = 12;

/**
 * Packs candidates and tree for the disk: three u32 (first position, positions, candidates each), ids
 * as u32, z as i16, then the nodes.
 * @returns null where positions have different numbers of candidates
 */
export function packTopk(from: number, { candidates, nodes }: Topk): Uint8Array | null {
  const count = candidates.length, k = candidates[0]?.ids.length ?? 0;
  if (candidates.some(({ ids, z }) => ids.length !== k || z.length !== k)) return null;
  const packed = new Uint8Array(HEAD + 6 * count * k + nodes.length);
  const view = new DataView(packed.buffer);
  [from, count, k].forEach((value, i) => view.setUint32(4 * i, value));
  candidates.forEach(({ ids, z }, at) => {
    const start = HEAD + 6 * k * at;
    ids.forEach((id, i) => view.setUint32(start + 4 * i, id));
    z.forEach((value, i) => view.setInt16(start + 4 * k + 2 * i, value));
  });
  packed.set(nodes, HEAD + 6 * count * k);
  return packed;
}

/** Reads what {@link packTopk} made; null for anything else. */
export function unpackTopk(packed: Uint8Array): { from: number; topk: Topk } | null {
  if (packed.length < HEAD) return null;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const [from, count, k] = [0, 4, 8].map((at) => view.getUint32(at)) as [number, number, number];
  const end = HEAD + 6 * count * k;
  if (packed.length < end) return null;
  const candidates: Candidates[] = [];
  for (let start = HEAD; start < end; start += 6 * k) {
    candidates.push({
      ids: Array.from({ length: k }, (_, i) => view.getUint32(start + 4 * i)),
      z: Array.from({ length: k }, (_, i) => view.getInt16(start + 4 * k + 2 * i)),
    });
  }
  return { from, topk: { candidates, nodes: packed.slice(end) } };
}
