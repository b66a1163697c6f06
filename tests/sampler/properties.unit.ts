import fc from 'fast-check';
import t from 'tap';
import {
  createSampler,
  type DrawInput,
  gumbel,
  halfSipHash,
  quantiseLogits,
} from '../../node/sampler/mod.ts';

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const input = fc.record({
  candidates: fc.uniqueArray(fc.tuple(fc.nat(200_000), fc.integer({ min: -32768, max: 0 })), {
    selector: ([id]) => id,
    minLength: 1,
    maxLength: 64,
  }),
  position: fc.nat(100_000),
  tq: fc.constantFrom(0, 1, 512, 717, 1024, 4096),
  pq: fc.constantFrom(0, 1, 32768, 62259, 65536),
  order: fc.infiniteStream(fc.nat(1_000_000)),
});

function drawInput(
  candidates: [number, number][],
  rest: { position: number; tq: number; pq: number },
): DrawInput {
  return { ...rest, ids: candidates.map(([id]) => id), z: candidates.map(([, z]) => z) };
}

t.test('the order of the candidates changes nothing', (t) => {
  fc.assert(fc.property(seed, input, (seed, { candidates, order, ...rest }) => {
    const sampler = createSampler(seed);
    const keyed = candidates.map((c) => [order.next().value, c] as const);
    const shuffled = keyed.sort(([a], [b]) => a - b).map(([, c]) => c);
    const token = sampler.draw(drawInput(candidates, rest));
    return token === sampler.draw(drawInput(shuffled, rest)) &&
      candidates.some(([id]) => id === token);
  }));
  t.end();
});

t.test('removing a candidate that lost changes nothing', (t) => {
  fc.assert(fc.property(seed, input, fc.nat(), (seed, { candidates, ...rest }, pick) => {
    const sampler = createSampler(seed);
    const all = { position: rest.position, tq: rest.tq, pq: 65536 };
    const token = sampler.draw(drawInput(candidates, all));
    const losers = candidates.filter(([id]) => id !== token);
    if (losers.length === 0) return true;
    const gone = losers[pick % losers.length]!;
    return sampler.draw(drawInput(candidates.filter((c) => c !== gone), all)) === token;
  }));
  t.end();
});

t.test('the margin is zero for the drawn token and never negative', (t) => {
  fc.assert(fc.property(seed, input, (seed, { candidates, ...rest }) => {
    const sampler = createSampler(seed), draw = drawInput(candidates, rest);
    const token = sampler.draw(draw);
    return sampler.margin(draw, token) === 0 &&
      candidates.every(([id]) => sampler.margin(draw, id) >= 0) &&
      sampler.margin(draw, 999_999) === Infinity;
  }));
  t.end();
});

t.test('greedy takes the largest logit, the smaller id on a tie', (t) => {
  const sampler = createSampler(new Uint8Array(32));
  const draw = { ids: [9, 4, 7], z: [0, 0, -1], position: 3, tq: 0, pq: 65536 };
  t.equal(sampler.draw(draw), 4);
  t.end();
});

t.test('top-p keeps the likeliest only', (t) => {
  const ids = [1, 2, 3], z = [0, -1024, -2048];
  for (let position = 0; position < 200; position++) {
    const sampler = createSampler(new Uint8Array(32).fill(1));
    t.equal(sampler.draw({ ids, z, position, tq: 1024, pq: 1 }), 1);
    t.not(sampler.draw({ ids, z, position, tq: 1024, pq: 58982 }), 3);
  }
  t.end();
});

t.test('the noise is the gumbel distribution within 3e-5 nat', (t) => {
  for (let i = 0; i < 50_000; i++) {
    const v = halfSipHash(1, 2, i, 3 * i);
    const exact = -Math.log(-Math.log((v + 0.5) / 2 ** 32));
    if (Math.abs(gumbel(v) / 65536 - exact) > 4e-5) t.fail(`v = ${v}`);
  }
  t.end();
});

t.test('draws follow the softmax (chi-square)', (t) => {
  const z = [0, -300, -700, -1100, -1500, -2048, -2500, -3000];
  const ids = z.map((_, i) => 100 + i), draws = 40_000;
  const weights = z.map((x) => Math.exp(x / 1024 / (717 / 1024)));
  const total = weights.reduce((a, b) => a + b);
  const counts = new Map<number, number>();
  const sampler = createSampler(new Uint8Array(32).fill(5));
  for (let position = 0; position < draws; position++) {
    const token = sampler.draw({ ids, z, position, tq: 717, pq: 65536 });
    counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  const chi = weights.reduce((sum, w, i) => {
    const expected = (w / total) * draws;
    return sum + ((counts.get(ids[i]!) ?? 0) - expected) ** 2 / expected;
  }, 0);
  t.ok(chi < 24.3, `chi-square ${chi.toFixed(1)}, 99.9 % of 7 degrees of freedom: 24.3`);
  t.end();
});

t.test('logits become 1/1024 nat below the largest, clipped', (t) => {
  t.same([...quantiseLogits([1, 2, 2 - 1 / 2048, -100])], [-1024, 0, 0, -32768]);
  t.same([...quantiseLogits([0, -Infinity])], [0, -32768]);
  t.throws(() => quantiseLogits([]), { code: 'NO_CANDIDATES' });
  t.throws(() => quantiseLogits([NaN, 1]), { code: 'BAD_LOGITS' });
  t.throws(() => quantiseLogits([Infinity]), { code: 'BAD_LOGITS' });
  t.end();
});
