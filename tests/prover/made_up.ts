import { buildTopk, leafSalt, type Topk } from '../../node/payloads/mod.ts';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import { shownOf } from '../../node/payloads/shown.ts';
import { type ProofRecord, publicsHash, publicsSalt, seedOf } from '../../feeds/records/mod.ts';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import type { SamplingProof } from '../../feeds/sampling/mod.ts';
import { circuitKeys, samplePublics } from '../../circuits/mod.ts';
import { createSampler } from '../../node/sampler/mod.ts';
import { positionsOf, statementOf } from '../../node/prover/mod.ts';

export const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
export const NETWORK = fill(9);
export const TQ = 717;
const TOKENS = 20;
/** Hash of this program's key. */
export const OWN_KEY = (await circuitKeys()).find(({ statement }) => statement === 'sample')!.hash;
export const PROFILE = fill(3), NONCE = fill(4);
export const OF = { jobKey: fill(1), job: fill(2), attempt: 0 };

/** An answer that was drawn as it should be, as its executor keeps it. */
export async function answer() {
  const candidates = Array.from({ length: TOKENS }, (_, p) => ({
    ids: Array.from({ length: 32 }, (_, i) => (p * 37 + i * 11) % 2048),
    z: Array.from({ length: 32 }, (_, i) => 0 - i * (p % 7) * 90),
  }));
  const seed = seedOf(NETWORK, PROFILE, NONCE);
  const sampler = createSampler(seed);
  const output = candidates.map((one, position) =>
    sampler.draw({ ...one, position, tq: TQ, pq: 65_536 })
  );
  const { root, nodes } = buildTopk(await loadPoseidon(), { of: OF, from: 0, candidates })!;
  const topk: Topk = { candidates, nodes };
  const proof = asked(root);
  const shown = shownOf(topk, 0, positionsOf(proof))!;
  const salts = positionsOf(proof).map((position) => leafSalt(OF, position));
  return { candidates, seed, output, topk, root, proof, shown, salts };
}

/** What a fold says of it. */
export function asked(root: Uint8Array, but: Partial<SamplingProof> = {}): SamplingProof {
  const place = { core: toHex(fill(20)), index: 4, cut: 2 };
  return {
    subject: {
      id: toHex(fill(5)),
      kind: 'artifact',
      place,
      offer: place,
      job: toHex(OF.job),
      attempt: 0,
      requester: toHex(fill(21)),
      executor: toHex(fill(22)),
      profile: toHex(PROFILE),
      class: null,
      tokens: TOKENS,
    },
    beacon: 3,
    draw: toHex(fill(6)),
    asked: true,
    state: 'made',
    due: 9,
    topkRoot: toHex(root),
    resumeAt: 0,
    tq: TQ,
    pq: 65_536,
    entry: { place, hash: toHex(fill(7)), publics: toHex(fill(8)), upheld: false },
    ...but,
  };
}

/** The entry of a proof of it, whatever the proof is. */
export function logged(
  { proof, seed, shown, output }: Awaited<ReturnType<typeof answer>>,
  { network = NETWORK, target = proof }: { network?: Uint8Array; target?: SamplingProof } = {},
): ProofRecord {
  const publics = samplePublics(statementOf(network, target, seed, shown, output));
  const subject = fromHex(target.subject.id);
  return {
    type: 'proof',
    network,
    statement: 'sample',
    subject,
    key: fromHex(OWN_KEY),
    publics: publicsHash({ salt: publicsSalt(OF.jobKey, subject), publics }),
    proof: new Uint8Array(256).fill(1),
    at: 0,
  };
}
