import {
  contextOf,
  type HiddenPosition,
  numberOf,
  type SampledPosition,
  type SampleStatement,
} from '../../circuits/mod.ts';
import { equalBytes, NexusError } from '../../feeds/base/mod.ts';
import type { Salted } from '../../feeds/records/mod.ts';
import { gumbel, halfSipHash, samplerKey } from '../sampler/mod.ts';
import type { TopkClaim } from './openings.ts';
import type { Poseidon } from './poseidon.ts';
import { depthOf, leafOf, leafSalt, pathOf, rootFrom } from './topk.ts';
import type { AttemptName, Topk } from './types.ts';

/** What the logs say of an attempt whose sampling is shown by a proof. */
export interface SampleClaim extends TopkClaim, AttemptName {
  /** 32 bytes: id of the network. */
  network: Uint8Array;
  /** 32 bytes: what the noise follows from. */
  seed: Uint8Array;
  /** Temperature times 1024. */
  tq: number;
  /** Top-p times 65536. */
  pq: number;
}

/** What is told of one position beside a `sample` proof: no logits. */
export interface ShownPosition {
  /** In the whole answer. */
  position: number;
  token: number;
  ids: readonly number[];
  /** 32 bytes: the salted commitment to the candidates, see `leafOf`. */
  leaf: Uint8Array;
  /** Sibling hashes from the leaf up. */
  path: readonly Uint8Array[];
}

/**
 * What a `sample` proof is to say, from what the logs say and what its maker tells: the leaves stand
 * under the artifact's root at their positions, and the noise is worked out here.
 * @throws {NexusError} `PROOF_PUBLICS`, `PROOF_UNSUPPORTED` (top-p)
 */
export function sampleStatement(
  poseidon: Poseidon,
  claim: SampleClaim,
  shown: readonly ShownPosition[],
): SampleStatement {
  if (claim.pq < 65_536 && claim.tq > 0) {
    throw new NexusError('PROOF_UNSUPPORTED', 'a draw with top-p cannot be shown by a proof', {
      hint: 'check it by plain openings, or set top-p to 1',
    });
  }
  for (const one of shown) {
    if (!isUnderRoot(poseidon, claim, one)) {
      throw new NexusError('PROOF_PUBLICS', `position ${one.position} is not in the artifact`, {
        hint: 'its commitment does not stand under the top-k root: the proof shows nothing',
      });
    }
  }
  const [k0, k1] = samplerKey(claim.seed);
  const positions = shown.map(({ position, token, ids, leaf }): SampledPosition => ({
    ids,
    noise: ids.map((id) =>
      claim.tq === 0 ? 0 : claim.tq * gumbel(halfSipHash(k0, k1, position, id))
    ),
    token,
    leaf: numberOf(leaf),
  }));
  const places = shown.map(({ position }) => u32(position));
  const { network, job, attempt } = claim;
  return { context: contextOf('sample', network, job, u32(attempt), ...places), positions };
}

/** What an executor tells and what it keeps of positions that it proves. */
export function showPositions(
  poseidon: Poseidon,
  { candidates, nodes }: Topk,
  { resumeAt, outputIds, of }: {
    /** Position of the first candidates in the whole answer. */
    resumeAt: number;
    /** Tokens of this attempt. */
    outputIds: readonly number[];
    of: Salted;
  },
  positions: readonly number[],
): { shown: ShownPosition[]; hidden: HiddenPosition[] } {
  const all = positions.map((position) => {
    const index = position - resumeAt, here = candidates[index], token = outputIds[index];
    if (here === undefined || token === undefined) {
      throw new RangeError(`position ${position} is not of this attempt`);
    }
    const salt = leafSalt(of, position);
    const leaf = poseidon.toBytes(leafOf(poseidon, salt, here));
    const path = pathOf(nodes, candidates.length, index);
    return { shown: { position, token, ids: here.ids, leaf, path }, hidden: { z: here.z, salt } };
  });
  return { shown: all.map(({ shown }) => shown), hidden: all.map(({ hidden }) => hidden) };
}

function isUnderRoot(
  poseidon: Poseidon,
  { topkRoot, resumeAt, tokens }: SampleClaim,
  { position, leaf, path }: ShownPosition,
): boolean {
  const index = position - resumeAt;
  if (!(Number.isInteger(index) && index >= 0 && index < tokens)) return false;
  if (leaf.length !== 32 || path.length !== depthOf(tokens)) return false;
  const element = poseidon.fromBytes(leaf);
  if (element === null) return false;
  const root = rootFrom(poseidon, element, path, index);
  return root !== null && equalBytes(root, topkRoot);
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
