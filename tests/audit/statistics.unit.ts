import fc from 'fast-check';
import t from 'tap';
import {
  B1_CELLS,
  b1Byte,
  b1Cell,
  b1Difference,
  LOGIT_SCORE_UNIT,
  lowerBound,
  MARGIN_CELLS,
  marginCell,
  marginsAt,
  upperBound,
} from '../../node/audit/mod.ts';
import { drawOrder } from '../../feeds/trust/mod.ts';
import { b1CellSizes } from '../../node/audit/cells.ts';
import { createSampler, quantiseLogits } from '../../node/sampler/mod.ts';

const seed = (byte: number) => new Uint8Array(32).fill(byte);
const float = (min: number, max: number) => fc.float({ min, max, noNaN: true });

t.test('the byte of a logit, as published', (t) => {
  const vectors: [number, number][] = [
    [0, 0],
    [1, 16],
    [15.9375, 255],
    [16, 0],
    [17.3125, 21],
    // Halves of a step round up, towards plus infinity.
    [1 / 32, 1],
    [-1 / 32, 0],
    [3 / 32, 2],
    [-3 / 32, 255],
    [-1, 240],
    [-16, 0],
    [-0.001, 0],
    [-0.05, 255],
    [1e6, 0],
    [-123.456, 73],
  ];
  for (const [logit, byte] of vectors) t.equal(b1Byte(logit), byte, `${logit}`);
  for (const logit of [NaN, Infinity, -Infinity]) {
    t.throws(() => b1Byte(logit), { code: 'BAD_LOGITS' });
  }
  t.end();
});

t.test('the difference of two bytes is that of their logits, modulo sixteen nats', (t) => {
  fc.assert(fc.property(float(-500, 500), float(-7.5, 7.5), (logit, change) => {
    const difference = b1Difference(b1Byte(logit + change), b1Byte(logit));
    t.ok(Math.abs(difference - 16 * change) <= 1.01, `${difference} for ${change}`);
  }));
  fc.assert(fc.property(fc.nat(255), fc.nat(255), (a, b) => {
    const d = b1Difference(a, b);
    return d >= -128 && d <= 127 && ((b + d) & 255) === a;
  }));
  t.equal(b1Difference(3, 250), 9);
  t.equal(b1Difference(128, 0), -128);
  t.end();
});

/** Candidates with decreasing logits, as an engine gives them. */
const candidates = fc.array(float(-20, 20), { minLength: 40, maxLength: 64 }).map((logits) => ({
  ids: logits.map((_, i) => 7 * i + 3),
  logits: [...logits].sort((a, b) => b - a),
}));
const sampling = {
  position: fc.nat(5000),
  tq: fc.constantFrom(0, 512, 717, 1024),
  pq: fc.constantFrom(65_536, 62_259, 45_000),
};

t.test('what the sampler draws has no margin; what it does not draw has one', (t) => {
  fc.assert(
    fc.property(candidates, fc.nat(255), fc.record(sampling), (top, key, drawing) => {
      const sampler = createSampler(seed(key));
      const z = quantiseLogits(top.logits.slice(0, 32));
      const id = sampler.draw({ ids: top.ids.slice(0, 32), z, ...drawing });
      const honest = marginsAt(sampler, top, { id, topK: 32, ...drawing });
      t.equal(honest.soft, 0);
      t.equal(honest.hard, 0);
      t.not(honest.mismatch, true);
      for (const other of top.ids.filter((other) => other !== id)) {
        const margins = marginsAt(sampler, top, { id: other, topK: 32, ...drawing });
        t.not(margins.mismatch, false);
        t.ok(margins.soft >= 0 && margins.hard >= 0);
      }
    }),
    { numRuns: 25 },
  );
  t.end();
});

t.test('a rival at the edge of the candidates does not count, one above it does', (t) => {
  const sampler = createSampler(seed(1));
  const greedy = { position: 0, tq: 0, pq: 65_536, topK: 4 };
  const ids = [10, 11, 12, 13, 14];
  const flat = { ids, logits: [5, 4.8, 4.6, 4.5, 4.4] };
  t.match(marginsAt(sampler, flat, { id: 12, ...greedy }), { soft: 0, mismatch: true });
  t.ok(marginsAt(sampler, flat, { id: 12, ...greedy }).hard > 0);
  const steep = { ids, logits: [5, 4.8, 4.6, 4, 3.9] };
  const margin = marginsAt(sampler, steep, { id: 12, ...greedy }).soft / LOGIT_SCORE_UNIT;
  t.ok(Math.abs(margin - 0.4) < 0.002, `${margin}`);
  t.equal(marginsAt(sampler, steep, { id: 14, ...greedy }).hard, Infinity);
  t.ok(marginsAt(sampler, steep, { id: 14, ...greedy }).soft < Infinity, 'it is looked up');
  t.equal(marginsAt(sampler, steep, { id: 99, ...greedy }).soft, Infinity);
  t.end();
});

t.test('equal logits at the edge leave the draw open', (t) => {
  const sampler = createSampler(seed(2));
  const top = { ids: [1, 2, 3, 4], logits: [3, 2, 1, 1] };
  const claim = { id: 1, position: 0, tq: 0, pq: 65_536 };
  t.equal(marginsAt(sampler, top, { ...claim, topK: 3 }).mismatch, null);
  t.equal(marginsAt(sampler, top, { ...claim, topK: 2 }).mismatch, false);
  t.end();
});

t.test('a nucleus is soft, too: its last token may be in or out', (t) => {
  const sampler = createSampler(seed(3));
  // 0.902 and 0.09 of the weight: just within, or just beyond, 0.9.
  const top = { ids: [1, 2, 3], logits: [0, -2.3, -4.7] };
  const claim = { position: 0, tq: 1024, topK: 32 };
  const at = (id: number, pq: number) => marginsAt(sampler, top, { id, pq, ...claim });
  t.equal(at(2, 58_900).hard, Infinity);
  t.ok(at(2, 58_900).soft < Infinity);
  t.equal(at(3, 30_000).soft, Infinity, 'but far outside is outside');
  t.end();
});

t.test('cells are in order and hold everything', (t) => {
  const margin = fc.oneof(fc.nat(2 ** 30), fc.constant(Infinity), fc.constant(0));
  fc.assert(fc.property(margin, margin, (a, b) => {
    const cell = marginCell(a);
    return cell >= 0 && cell < MARGIN_CELLS && (a > b || cell <= marginCell(b));
  }));
  t.equal(marginCell(Infinity), MARGIN_CELLS - 1);
  t.equal(marginCell(0), 0);
  t.equal(marginCell(1), 1);
  const cells = Array.from({ length: 256 }, (_, i) => b1Cell(i - 128));
  t.ok(cells.every((cell) => cell >= 0 && cell < B1_CELLS));
  for (let d = 1; d < 128; d++) t.equal(b1Cell(d), b1Cell(-d));
  t.equal(b1CellSizes().reduce((a, b) => a + b, 0), 256);
  t.end();
});

t.test('confidence bounds are those of Clopper and Pearson', (t) => {
  // From scipy.stats.beta.ppf and the closed forms of no hits and all hits.
  const close = (a: number, b: number) => t.ok(Math.abs(a - b) < 1e-9 * b, `${a} ${b}`);
  close(upperBound(0, 3000, 0.05), 1 - 0.05 ** (1 / 3000));
  close(upperBound(0, 19_412, 1e-6), 1 - 1e-6 ** (1 / 19_412));
  close(lowerBound(50, 50, 0.01), 0.01 ** (1 / 50));
  close(upperBound(3, 10, 0.025), 0.6524528500599972);
  close(upperBound(34, 3655, 0.025), 0.012975016844527176);
  t.equal(upperBound(7, 7, 0.01), 1);
  fc.assert(fc.property(fc.nat(200), fc.integer({ min: 1, max: 500 }), (hits, more) => {
    const trials = hits + more;
    return upperBound(hits, trials, 0.01) > hits / trials &&
      lowerBound(hits, trials, 0.01) < hits / trials + 1e-12 &&
      upperBound(hits, trials, 0.001) > upperBound(hits, trials, 0.01);
  }));
  t.end();
});

t.test('the drawn order is a permutation that the draw decides', (t) => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(300), (byte, count) => {
      const order = drawOrder(seed(byte), count);
      t.same([...order].sort((a, b) => a - b), Array.from({ length: count }, (_, i) => i));
      t.same(drawOrder(seed(byte), count), order);
    }),
    { numRuns: 30 },
  );
  t.notSame(drawOrder(seed(1), 50), drawOrder(seed(2), 50));
  const firsts = new Array<number>(5).fill(0);
  for (let i = 0; i < 1000; i++) {
    const draw = new Uint8Array(32);
    new DataView(draw.buffer).setUint32(0, i);
    firsts[drawOrder(draw, 5)[0]!]!++;
  }
  // Chi-square with 4 degrees of freedom: below 18.5 in 999 of 1000 such rows, and this row is fixed.
  const chi = firsts.reduce((sum, n) => sum + (n - 200) ** 2 / 200, 0);
  t.ok(chi < 18.5, `${firsts}`);
  t.end();
});
