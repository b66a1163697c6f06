import fc from 'fast-check';
import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { contradictions } from '../../node/audit/mod.ts';
import {
  buildTopk,
  type BuiltTopk,
  type Candidates,
  type Opening,
  unsealOpenings,
  verifyOpening,
} from '../../node/payloads/mod.ts';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import { packTopk, unpackTopk } from '../../node/payloads/candidates.ts';
import { sealOpenings } from '../../node/payloads/openings.ts';
import { depthOf, leafOf } from '../../node/payloads/topk.ts';
import { createSampler } from '../../node/sampler/mod.ts';

const fill = (byte: number) => new Uint8Array(32).fill(byte);
const of = { jobKey: fill(1), job: fill(2), attempt: 3 };
const FROM = 10;

const at = (position: number, k = 32): Candidates => ({
  ids: Array.from({ length: k }, (_, i) => (position * 37 + i * 11) % 2048),
  z: Array.from({ length: k }, (_, i) => 0 - i * (position % 5) * 100),
});

async function built(tokens: number): Promise<BuiltTopk> {
  const candidates = Array.from({ length: tokens }, (_, i) => at(FROM + i));
  return { ...buildTopk(await loadPoseidon(), { of, from: FROM, candidates })!, candidates };
}

// Circomlib's own vector: Poseidon(1, 2).
t.test('the hash is that of circomlib', async (t) => {
  const poseidon = await loadPoseidon();
  t.equal(
    BigInt(`0x${toHex(poseidon.toBytes(poseidon.hash([1n, 2n])))}`),
    7853200120776062878684798364095072458815029376092732009249414926327459813530n,
  );
  t.equal(poseidon.fromBytes(fill(255)), null, 'not below the order of the field');
});

t.test('every position of trees of any size opens under the root', async (t) => {
  for (const tokens of [1, 2, 3, 5, 8, 13]) {
    const topk = await built(tokens);
    const claim = { topkRoot: topk.root, resumeAt: FROM, tokens };
    const { from, topk: again } = unpackTopk(packTopk(FROM, topk)!)!;
    t.same(again, { candidates: topk.candidates, nodes: topk.nodes });
    const positions = topk.candidates.map((_, i) => FROM + i);
    const openings = unsealOpenings(sealOpenings(again, from, positions, of)!, of);
    t.same(openings.map(({ position, ids, z }) => ({ position, ids, z })), [
      ...topk.candidates.map((one, i) => ({ position: FROM + i, ...one })),
    ]);
    for (const opening of openings) {
      t.equal(opening.path.length, depthOf(tokens));
      t.ok(await verifyOpening(opening, claim, of), `${opening.position} of ${tokens}`);
    }
    t.equal(sealOpenings(again, from, [FROM + tokens], of), null, 'beyond the end');
    t.equal(sealOpenings(again, from, [FROM - 1], of), null, 'of an earlier attempt');
  }
});

t.test('nothing else opens: another value, place, path, tree or key', async (t) => {
  const topk = await built(5);
  const claim = { topkRoot: topk.root, resumeAt: FROM, tokens: 5 };
  const [opening] = unsealOpenings(sealOpenings(topk, FROM, [FROM + 2], of)!, of) as [Opening];
  t.ok(await verifyOpening(opening, claim, of));
  const lies: [string, Partial<Opening>][] = [
    ['position', { position: FROM + 3 }],
    ['before the attempt', { position: FROM - 1 }],
    ['id', { ids: opening.ids.with(4, 7) }],
    ['logit', { z: opening.z.with(4, -7) }],
    ['order', { ids: opening.ids.toReversed(), z: opening.z.toReversed() }],
    ['one candidate less', { ids: opening.ids.slice(1), z: opening.z.slice(1) }],
    ['no number', { z: opening.z.with(0, 1) }],
    ['path', { path: opening.path.with(1, fill(0)) }],
    ['no field element', { path: opening.path.with(1, fill(255)) }],
    ['short path', { path: opening.path.slice(1) }],
    ['long path', { path: [...opening.path, fill(0)] }],
  ];
  for (const [name, lie] of lies) {
    t.notOk(await verifyOpening({ ...opening, ...lie }, claim, of), name);
  }
  t.notOk(await verifyOpening(opening, { ...claim, topkRoot: fill(3) }, of), 'root');
  t.notOk(await verifyOpening(opening, claim, { ...of, jobKey: fill(9) }), 'key');
  t.notOk(await verifyOpening(opening, claim, { ...of, attempt: 4 }), 'attempt');
});

t.test('an opened position convicts whoever drew another token from it', async (t) => {
  const topk = await built(3);
  const openings = unsealOpenings(sealOpenings(topk, FROM, [FROM + 1], of)!, of);
  const seed = fill(7), sampling = { tq: 717, pq: 65536, maxTokens: 64 };
  const sampler = createSampler(seed);
  const output = topk.candidates.map(({ ids, z }, i) =>
    sampler.draw({ ids, z, position: FROM + i, tq: sampling.tq, pq: sampling.pq })
  );
  const model = { contextSize: 4096, vocabularySize: 2048, topK: 32, isEnd: () => false };
  const prefix = Array.from({ length: FROM }, () => 1);
  const claim = { prompt: [1], prefix, output, finish: 'stop' as const, sampling, seed };
  t.same(contradictions(claim, model, openings), []);
  const lie = { ...claim, output: output.with(1, (output[1]! + 1) % 2048) };
  t.same(contradictions(lie, model, openings), [{ code: 'DRAW_DIFFERS', position: FROM + 1 }]);
});

t.test('a leaf is another one for each list of candidates, however long', async (t) => {
  const poseidon = await loadPoseidon();
  const leaf = (one: Candidates) => toHex(poseidon.toBytes(leafOf(poseidon, 5n, one)));
  const list = fc.integer({ min: 0, max: 100 }).chain((length) =>
    fc.record({
      ids: fc.array(fc.nat({ max: 2 ** 24 - 1 }), { minLength: length, maxLength: length }),
      z: fc.array(fc.integer({ min: -32_768, max: 0 }), { minLength: length, maxLength: length }),
    })
  );
  fc.assert(
    fc.property(list, list, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      return same === (leaf(a) === leaf(b));
    }),
    { numRuns: 60 },
  );
  t.throws(() => leafOf(poseidon, 5n, { ids: [2 ** 24], z: [0] }), { code: 'BAD_CANDIDATES' });
  t.throws(() => leafOf(poseidon, 5n, { ids: [1], z: [-32_769] }), { code: 'BAD_CANDIDATES' });
  t.throws(() => leafOf(poseidon, 5n, { ids: [1, 2], z: [0] }), { code: 'BAD_CANDIDATES' });
});
