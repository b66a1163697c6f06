/** Answers that were never given, with all that a proof of their sampling is made of. */
import { toHex } from '../feeds/base/mod.ts';
import { seedOf } from '../feeds/records/mod.ts';
import type { SamplingProof } from '../feeds/sampling/mod.ts';
import { SAMPLE_CANDIDATES } from '../circuits/mod.ts';
import { buildTopk, PAYLOAD_STORE_LIMITS, PayloadStore } from '../node/payloads/mod.ts';
import { loadPoseidon } from '../node/poseidon/mod.ts';
import { createSampler } from '../node/sampler/mod.ts';

const TQ = 717, OFF = 65_536;
const fill = (n: number): Uint8Array => new Uint8Array(32).fill(n);

/** What was drawn at one position. */
function candidatesAt(position: number) {
  return {
    ids: Array.from({ length: SAMPLE_CANDIDATES }, (_, i) => (position * 37 + i * 11) % 2048),
    z: Array.from({ length: SAMPLE_CANDIDATES }, (_, i) => 0 - i * (10 + position % 90)),
  };
}

/**
 * Keeps answers in a folder, as an executor does.
 * @returns the store, and what is owed of it
 */
export async function keptAnswers(
  folder: string,
  network: Uint8Array,
  count: number,
  tokens = 64,
): Promise<{ store: PayloadStore; owed: SamplingProof[] }> {
  const limits = { ...PAYLOAD_STORE_LIMITS, ageMs: 3_600_000 };
  const store = await PayloadStore.open({ folder, limits, now: Date.now });
  const poseidon = await loadPoseidon(), profile = fill(3);
  const owed: SamplingProof[] = [];
  for (let n = 1; n <= count; n++) {
    const of = { jobKey: fill(n), job: fill(100 + n), attempt: 0 }, nonce = fill(n);
    const sampler = createSampler(seedOf(network, profile, nonce));
    const candidates = Array.from({ length: tokens }, (_, i) => candidatesAt(i));
    const output = candidates.map((one, position) =>
      sampler.draw({ ...one, position, tq: TQ, pq: OFF })
    );
    const { root, nodes } = buildTopk(poseidon, { of, from: 0, candidates })!;
    const payload = { prompt: [1], prefix: [], output, bytes: new Uint8Array(tokens) };
    await store.keep({ ...of, nonce, stops: [], payload, topk: { candidates, nodes } });
    const place = { core: toHex(fill(9)), index: n, cut: 1 };
    owed.push({
      subject: {
        id: toHex(fill(50 + n)),
        kind: 'artifact',
        place,
        offer: place,
        job: toHex(of.job),
        attempt: 0,
        requester: toHex(fill(1)),
        executor: toHex(fill(2)),
        profile: toHex(profile),
        class: null,
        tokens,
      },
      beacon: 1,
      draw: toHex(fill(n)),
      asked: true,
      state: 'open',
      due: 9,
      topkRoot: toHex(root),
      resumeAt: 0,
      tq: TQ,
      pq: OFF,
      entry: null,
    });
  }
  return { store, owed };
}
