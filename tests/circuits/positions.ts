import {
  type Candidates,
  loadPoseidon,
  type Poseidon,
  type SampleClaim,
  sampleStatement,
  type ShownPosition,
  showPositions,
} from '../../node/payloads/mod.ts';
import { buildTopk } from '../../node/payloads/mod.ts';
import { createSampler } from '../../node/sampler/mod.ts';
import type { HiddenPosition, SampleStatement } from '../../circuits/mod.ts';

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

/** An attempt that was sampled as its claim says. */
export interface Sampled {
  claim: SampleClaim;
  candidates: Candidates[];
  outputIds: number[];
  shown: ShownPosition[];
  hidden: HiddenPosition[];
  statement: SampleStatement;
}

const fill = (next: () => number) => Uint8Array.from({ length: 32 }, () => next());

/** 32 candidates in any order: spread out, close together, or at the ends of the range. */
export function candidatesFrom(next: () => number): Candidates {
  const ids = new Set<number>();
  const largest = next() % 3 === 0 ? 2 ** 24 : 49_152;
  while (ids.size < 32) ids.add(next() % largest);
  const spread = [1, 3, 2000, 32_768][next() % 4]!;
  const z = Array.from({ length: 32 }, () => 0 - next() % (spread + 1));
  z[next() % 32] = 0;
  return { ids: [...ids], z };
}

/** An attempt of so many tokens, all of which are shown, up to 5. */
export async function sampledFrom(
  seed: number,
  { tokens = 5, tq, candidates }: { tokens?: number; tq?: number; candidates?: Candidates[] } = {},
): Promise<Sampled> {
  const next = numbers(seed), poseidon: Poseidon = await loadPoseidon();
  const resumeAt = next() % 1000;
  const of = { jobKey: fill(next), job: fill(next), attempt: next() % 5 };
  const all = candidates ?? Array.from({ length: tokens }, () => candidatesFrom(next));
  const { root, nodes } = buildTopk(poseidon, { of, from: resumeAt, candidates: all })!;
  const claim: SampleClaim = {
    network: fill(next),
    job: of.job,
    attempt: of.attempt,
    seed: fill(next),
    tq: tq ?? [0, 1, 717, 1024, 2048, 65_536][next() % 6]!,
    pq: 65_536,
    topkRoot: root,
    resumeAt,
    tokens: all.length,
  };
  const sampler = createSampler(claim.seed);
  const { tq: t, pq } = claim;
  const outputIds = all.map((one, i) =>
    sampler.draw({ ...one, position: resumeAt + i, tq: t, pq })
  );
  const { shown, hidden } = showPositions(
    poseidon,
    { candidates: all, nodes },
    { resumeAt, outputIds, of },
    all.slice(0, 5).map((_, i) => resumeAt + i),
  );
  const statement = sampleStatement(poseidon, claim, shown);
  return { claim, candidates: all, outputIds, shown, hidden, statement };
}
