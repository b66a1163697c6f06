import { messageOf, NexusError } from '../../feeds/base/mod.ts';
import {
  type Codec,
  decodeWith,
  encodeWith,
  fixed,
  integer,
  LIMITS,
  list,
  type Salted,
  struct,
  uint,
} from '../../feeds/records/mod.ts';
import { loadPoseidon } from '../poseidon/mod.ts';
import { type TopkClaim, verifyLeaf } from './leaf.ts';
import { seal, unseal } from './seal.ts';
import { leafOf, leafSalt, pathOf } from './topk.ts';
import type { Opening, Topk } from './types.ts';
import { PAYLOAD_LIMITS } from './wire.ts';

/** Candidates a position, at most: bounds what 64 openings can take. */
const MAX_CANDIDATES = 4096;
const MAX_OPENINGS_BYTES = 4 * 1024 * 1024;

const candidates = {
  ids: list(uint(0xff_ffff), MAX_CANDIDATES),
  z: list(integer(32_768), MAX_CANDIDATES),
};

const openings: Codec<{ openings: Opening[] }> = struct<{ openings: Opening[] }>({
  openings: list(
    struct<Opening>({
      position: uint(LIMITS.tokens),
      ...candidates,
      path: list(fixed(32), 32),
    }),
    PAYLOAD_LIMITS.positions,
  ),
});

/**
 * Seals the candidates at some positions with their paths.
 * @param from position of the first one that is kept, in the whole answer
 * @returns null where a position is not among those kept
 */
export function sealOpenings(
  { candidates, nodes }: Topk,
  from: number,
  positions: readonly number[],
  of: Salted,
): Uint8Array | null {
  const found: Opening[] = [];
  for (const position of positions) {
    const here = candidates[position - from];
    if (here === undefined) return null;
    const path = pathOf(nodes, candidates.length, position - from);
    found.push({ position, ids: [...here.ids], z: [...here.z], path });
  }
  return sealOpened(found, of);
}

/** Seals openings as they were opened. */
export function sealOpened(opened: readonly Opening[], of: Salted): Uint8Array {
  return seal(encodeWith(openings, { openings: [...opened] }, MAX_OPENINGS_BYTES), of);
}

/**
 * Opens what an executor sent; nothing of it is checked yet.
 * @throws {NexusError} `PAYLOAD_SEALED`, `PAYLOAD_UNKNOWN_VERSION`, `PAYLOAD_BAD`
 */
export function unsealOpenings(sealed: Uint8Array, of: Salted): Opening[] {
  const value = unseal(sealed, of);
  try {
    return decodeWith(openings, value, MAX_OPENINGS_BYTES).openings;
  } catch (thrown) {
    throw new NexusError('PAYLOAD_BAD', `bad openings: ${messageOf(thrown)}`, {
      hint: 'the executor does not follow the format: its attempt counts as not opened',
    });
  }
}

/** True if the candidates stand under the artifact's top-k root at their position. */
export async function verifyOpening(
  { position, ids, z, path }: Opening,
  claim: TopkClaim,
  of: Salted,
): Promise<boolean> {
  const poseidon = await loadPoseidon();
  let leaf: Uint8Array;
  try {
    leaf = poseidon.toBytes(leafOf(poseidon, leafSalt(of, position), { ids, z }));
  } catch {
    return false; // they are no candidates at all
  }
  return await verifyLeaf({ position, leaf, path }, claim);
}
