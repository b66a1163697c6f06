import { messageOf, NexusError } from '../../feeds/base/mod.ts';
import {
  type Codec,
  decodeWith,
  encodeWith,
  fixed,
  LIMITS,
  list,
  type Salted,
  struct,
  uint,
} from '../../feeds/records/mod.ts';
import { seal, unseal } from './seal.ts';
import { pathOf } from './topk.ts';
import type { Shown, Topk } from './types.ts';
import { PAYLOAD_LIMITS } from './wire.ts';

/** Candidates a position, at most. */
const MAX_CANDIDATES = 4096;
const MAX_BYTES = 2 * 1024 * 1024;

const shown: Codec<{ shown: Shown[] }> = struct<{ shown: Shown[] }>({
  shown: list(
    struct<Shown>({
      position: uint(LIMITS.tokens),
      ids: list(uint(0xff_ffff), MAX_CANDIDATES) as Codec<readonly number[]>,
      leaf: fixed(32),
      path: list(fixed(32), 32),
    }),
    PAYLOAD_LIMITS.positions,
  ),
});

/**
 * Seals ids and leaves at some positions with their paths.
 * @param from position of the first one that is kept, in the whole answer
 * @returns null where a position is not among those kept
 */
export function sealShown(
  { candidates, nodes }: Topk,
  from: number,
  positions: readonly number[],
  of: Salted,
): Uint8Array | null {
  const found = shownOf({ candidates, nodes }, from, positions);
  return found && seal(encodeWith(shown, { shown: found }, MAX_BYTES), of);
}

/** What a proof shows at some positions; null where one is not among those kept. */
export function shownOf(
  { candidates, nodes }: Topk,
  from: number,
  positions: readonly number[],
): Shown[] | null {
  const found: Shown[] = [];
  for (const position of positions) {
    const index = position - from, here = candidates[index];
    if (here === undefined) return null;
    const path = pathOf(nodes, candidates.length, index);
    const leaf = nodes.slice(32 * index, 32 * index + 32);
    found.push({ position, ids: [...here.ids], leaf, path });
  }
  return found;
}

/**
 * Opens what an executor sent; nothing of it is checked yet.
 * @throws {NexusError} `PAYLOAD_SEALED`, `PAYLOAD_UNKNOWN_VERSION`, `PAYLOAD_BAD`
 */
export function unsealShown(sealed: Uint8Array, of: Salted): Shown[] {
  const value = unseal(sealed, of);
  try {
    return decodeWith(shown, value, MAX_BYTES).shown;
  } catch (thrown) {
    throw new NexusError('PAYLOAD_BAD', `bad public inputs: ${messageOf(thrown)}`, {
      hint: 'the executor does not follow the format: its proof cannot be checked',
    });
  }
}
