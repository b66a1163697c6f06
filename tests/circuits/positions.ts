import {
  contextOf,
  type HiddenPosition,
  numberOf,
  type SampledPosition,
  type SampleStatement,
} from '../../circuits/mod.ts';
import { type Candidates } from '../../node/payloads/mod.ts';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import { leafOf } from '../../node/payloads/topk.ts';
import { createSampler, gumbel, halfSipHash, samplerKey } from '../../node/sampler/mod.ts';

/** A generator of 32-bit numbers (mulberry32): the same cases in every run. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** What a proof says it is about, as its verifier knows it. */
export interface Claim {
  network: Uint8Array;
  job: Uint8Array;
  seed: Uint8Array;
  tq: number;
}

/** One position of which it is told. */
export interface Shown extends Pick<SampledPosition, 'ids' | 'token' | 'leaf'> {
  position: number;
}

/** Positions that were sampled as the claim says. */
export interface Sampled {
  claim: Claim;
  shown: Shown[];
  hidden: HiddenPosition[];
  statement: SampleStatement;
}

/** 32 candidates in any order: spread out, close together, or at the ends of the range. */
function candidatesFrom(next: () => number): Candidates {
  const ids = new Set<number>();
  const largest = next() % 3 === 0 ? 2 ** 24 : 49_152;
  while (ids.size < 32) ids.add(next() % largest);
  const spread = [1, 3, 2000, 32_768][next() % 4]!;
  const z = Array.from({ length: 32 }, () => 0 - next() % (spread + 1));
  z[next() % 32] = 0;
  return { ids: [...ids], z };
}

/** What a verifier has the proof say: the noise is worked out from seed, position and ids. */
export function statementFrom(
  { network, job, seed, tq }: Claim,
  shown: readonly Shown[],
): SampleStatement {
  const [k0, k1] = samplerKey(seed);
  const places = new Uint8Array(Uint32Array.from(shown, ({ position }) => position).buffer);
  return {
    context: contextOf('sample', network, job, places),
    positions: shown.map(({ position, ids, token, leaf }) => ({
      ids,
      noise: ids.map((id) => tq === 0 ? 0 : tq * gumbel(halfSipHash(k0, k1, position, id))),
      token,
      leaf,
    })),
  };
}

/** So many positions, sampled at some temperature. */
export async function sampledFrom(
  seed: number,
  { positions = 5, tq }: { positions?: number; tq?: number } = {},
): Promise<Sampled> {
  const next = numbers(seed), poseidon = await loadPoseidon();
  const fill = () => Uint8Array.from({ length: 32 }, () => next());
  const claim: Claim = {
    network: fill(),
    job: fill(),
    seed: fill(),
    tq: tq ?? [0, 1, 717, 1024, 2048, 65_536][next() % 6]!,
  };
  const sampler = createSampler(claim.seed);
  const all = Array.from({ length: positions }, (_, i) => {
    const candidates = candidatesFrom(next);
    const position = 1000 * i + next() % 1000, salt = numberOf(fill().subarray(1));
    const token = sampler.draw({ ...candidates, position, tq: claim.tq, pq: 65_536 });
    const leaf = numberOf(poseidon.toBytes(leafOf(poseidon, salt, candidates)));
    const { ids, z } = candidates;
    return { shown: { position, ids, token, leaf }, hidden: { z, salt } };
  });
  const shown = all.map((one) => one.shown);
  return {
    claim,
    shown,
    hidden: all.map((one) => one.hidden),
    statement: statementFrom(claim, shown),
  };
}
