import fc from 'fast-check';
import t from 'tap';
import {
  catchProbability,
  checkShape,
  classifyAdapter,
  cubeFor,
  drawRows,
  freivaldsMiss,
  memoryOf,
  multiplyHere,
  openingsFor,
  PRIME,
  RAW_LIMITS,
  RAW_RUNS,
  type RawChallenge,
  rawChanged,
  type RawOpening,
  rawResult,
  shapeFor,
  verifyOpening,
  verifyOpeningGently,
  workOf,
} from '../../fingerprint/raw/mod.ts';
import { factorKeys, factorRow } from '../../fingerprint/raw/field.ts';
import { rowHash } from '../../fingerprint/raw/merkle.ts';
import { Product } from '../../fingerprint/raw/product.ts';
import { randomOf } from '../lib/random.ts';

const SHAPE = { rows: 128, inner: 64, cols: 64 };
const bytes = (fill: number) => new Uint8Array(32).fill(fill);
const challenge = (nonce: number): RawChallenge => ({
  type: 'raw',
  nonce: bytes(nonce),
  shape: SHAPE,
  backend: 'any',
});

/** What verification says of an opening: its code, or null. */
function refusal(
  asked: RawChallenge,
  root: Uint8Array,
  positions: number[],
  opening: RawOpening,
): string | null {
  try {
    verifyOpening(asked, { root }, positions, opening, bytes(99));
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** A product with rows of the cheat's own, properly committed to. */
function cheated(asked: RawChallenge, honest: Product, wrong: readonly number[]): Product {
  const { rows, cols } = asked.shape;
  const all = honest.open(Array.from({ length: rows }, (_, i) => i)).rows;
  const cells = new Uint16Array(rows * cols);
  for (const row of all) cells.set(row.cells, row.index * cols);
  for (const row of wrong) cells[row * cols] = (cells[row * cols]! + 1) % PRIME;
  const leaves = all.map((_, i) =>
    rowHash(asked.nonce, i, cells.subarray(i * cols, (i + 1) * cols))
  );
  return new Product(asked, cells, leaves);
}

const product = multiplyHere(challenge(1));
const drawn = drawRows(bytes(7), product.root, SHAPE.rows, 8);

t.test('a product is what whole numbers of any size give', (t) => {
  const { a, b } = factorKeys(challenge(1));
  const left = new Float64Array(SHAPE.inner), line = new Float64Array(SHAPE.cols);
  const right = Array.from({ length: SHAPE.inner }, (_, k) => {
    factorRow(b, k, SHAPE.cols, line);
    return [...line];
  });
  for (const { index, cells } of product.open([0, 63, 64, 127]).rows) {
    factorRow(a, index, SHAPE.inner, left);
    const row = Array.from(
      { length: SHAPE.cols },
      (_, j) =>
        Number(
          [...left].reduce((sum, x, k) => sum + BigInt(x) * BigInt(right[k]![j]!), 0n) %
            BigInt(PRIME),
        ),
    );
    t.same([...cells], row);
  }
  t.end();
});

t.test('rows are drawn from the root and the entropy, distinct and within the product', (t) => {
  const draw = (entropy: number, root: number) => drawRows(bytes(entropy), bytes(root), 128, 16);
  t.same(draw(1, 1), draw(1, 1));
  t.notSame(draw(1, 1), draw(2, 1));
  t.notSame(draw(1, 1), draw(1, 2));
  t.equal(new Set(draw(1, 1)).size, 16);
  t.ok(draw(1, 1).every((row) => row >= 0 && row < 128));
  t.same(drawRows(bytes(1), bytes(1), 64, 500).length, 64, 'no more than there are');
  t.end();
});

t.test('what was computed and committed to is accepted', (t) => {
  t.equal(refusal(challenge(1), product.root, drawn, product.open(drawn)), null);
  t.end();
});

t.test('an old answer, guessed cells and other rows than committed are refused', (t) => {
  const honest = product.open(drawn);
  t.equal(refusal(challenge(2), product.root, drawn, honest), 'RAW_UNCOMMITTED', 'an old nonce');
  const old = multiplyHere(challenge(3));
  const rehashed = cheated(challenge(1), old, []);
  t.equal(
    refusal(challenge(1), rehashed.root, drawn, rehashed.open(drawn)),
    'RAW_WRONG',
    'an old product under the new nonce',
  );
  const random = randomOf(5);
  const guess = new Uint16Array(SHAPE.rows * SHAPE.cols).map(() => Math.floor(random() * PRIME));
  const leaves = Array.from(
    { length: SHAPE.rows },
    (_, i) => rowHash(bytes(1), i, guess.subarray(i * SHAPE.cols, (i + 1) * SHAPE.cols)),
  );
  const guessed = new Product(challenge(1), guess, leaves);
  t.equal(refusal(challenge(1), guessed.root, drawn, guessed.open(drawn)), 'RAW_WRONG');
  t.equal(
    refusal(challenge(1), guessed.root, drawn, honest),
    'RAW_UNCOMMITTED',
    'computed only after the rows were known',
  );
  const larger = { ...challenge(1), shape: { ...SHAPE, inner: 128 } };
  t.equal(refusal(larger, product.root, drawn, honest), 'RAW_WRONG', 'a smaller product');
  t.end();
});

t.test('a check in steps says the same', async (t) => {
  const { root } = product, other = { root: bytes(0) };
  await verifyOpeningGently(challenge(1), { root }, drawn, product.open(drawn), bytes(99));
  await t.rejects(
    verifyOpeningGently(challenge(1), other, drawn, product.open(drawn), bytes(99)),
    { code: 'RAW_UNCOMMITTED' },
  );
});

t.test('openings out of shape are refused', (t) => {
  const { rows } = product.open(drawn);
  const [first, ...rest] = rows as [typeof rows[0], ...typeof rows];
  const refused = (row: typeof first | null, code: string, name: string) =>
    t.equal(
      refusal(challenge(1), product.root, drawn, { rows: row === null ? rest : [row, ...rest] }),
      code,
      name,
    );
  refused(null, 'RAW_MALFORMED', 'a row less');
  refused({ ...first, index: first.index + 1 }, 'RAW_MALFORMED', 'another row');
  refused({ ...first, cells: first.cells.slice(1) }, 'RAW_MALFORMED', 'a cell less');
  const large = first.cells.slice();
  large[3] = PRIME;
  refused({ ...first, cells: large }, 'RAW_MALFORMED', 'no residue');
  refused({ ...first, path: first.path.slice(1) }, 'RAW_UNCOMMITTED', 'a shorter path');
  refused({ ...first, path: [...first.path, bytes(0)] }, 'RAW_UNCOMMITTED', 'a longer path');
  refused({ ...first, path: first.path.map(() => bytes(1)) }, 'RAW_UNCOMMITTED', 'another path');
  t.end();
});

t.test('any one changed cell of an opened row is found', (t) => {
  fc.assert(
    fc.property(
      fc.nat(drawn.length - 1),
      fc.nat(SHAPE.cols - 1),
      fc.integer({ min: 1, max: PRIME - 1 }),
      (which, column, shift) => {
        const row = drawn[which]!;
        const cells = product.open([row]).rows[0]!.cells;
        cells[column] = (cells[column]! + shift) % PRIME;
        // Committed to as it is: only Freivalds' check is left.
        const tree = new Product(
          challenge(1),
          cells,
          Array.from({ length: SHAPE.rows }, () => rowHash(bytes(1), row, cells)),
        );
        const opening = { rows: [{ index: row, cells, path: tree.open([row]).rows[0]!.path }] };
        return refusal(challenge(1), tree.root, [row], opening) === 'RAW_WRONG';
      },
    ),
    { numRuns: 60 },
  );
  t.end();
});

t.test('cheating is caught at the rate that the theory says', (t) => {
  const random = randomOf(11), trials = 200;
  for (const [wrong, opened] of [[6, 8], [13, 16], [32, 4]] as const) {
    let caught = 0;
    for (let trial = 0; trial < trials; trial++) {
      const rows = new Set<number>();
      while (rows.size < wrong) rows.add(Math.floor(random() * SHAPE.rows));
      const cheat = cheated(challenge(1), product, [...rows]);
      const entropy = new Uint8Array(32).map(() => Math.floor(random() * 256));
      const positions = drawRows(entropy, cheat.root, SHAPE.rows, opened);
      if (refusal(challenge(1), cheat.root, positions, cheat.open(positions)) !== null) caught++;
    }
    const p = catchProbability({ rows: SHAPE.rows, wrong, opened });
    const deviation = Math.sqrt(p * (1 - p) / trials);
    t.ok(Math.abs(caught / trials - p) < 4 * deviation, `${caught} of ${trials}, theory ${p}`);
  }
  t.end();
});

t.test('the theory itself', (t) => {
  t.equal(catchProbability({ rows: 10, wrong: 0, opened: 5 }), 0);
  t.equal(catchProbability({ rows: 10, wrong: 10, opened: 1 }), 1);
  t.equal(catchProbability({ rows: 10, wrong: 6, opened: 5 }), 1, 'more wrong than left out');
  t.ok(Math.abs(catchProbability({ rows: 4, wrong: 1, opened: 2 }) - 0.5) < 1e-12);
  const opened = openingsFor({ rows: 512, share: 0.1, probability: 0.95 });
  t.ok(catchProbability({ rows: 512, wrong: 51, opened }) >= 0.95);
  t.ok(catchProbability({ rows: 512, wrong: 51, opened: opened - 1 }) < 0.95);
  t.ok(freivaldsMiss(2) < 2 ** -31);
  t.end();
});

t.test('only the challenger’s clock counts, and a doctored one is refused', (t) => {
  const timing = { elapsedMs: 1020, rttMs: 20 };
  const honest = rawResult(challenge(1), { backend: 'cpu', ms: 990 }, timing);
  t.equal(honest.ms, 1000);
  t.equal(honest.rate, workOf(SHAPE) / 1e6);
  for (const ms of [0, -1, NaN, Infinity, 1, 500, 1500, 1e9]) {
    t.throws(() => rawResult(challenge(1), { backend: 'cpu', ms }, timing), {
      code: 'CLOCK_DOCTORED',
    }, `${ms} ms`);
  }
  const slow = rawResult(challenge(1), { backend: 'cpu', ms: 950 }, timing);
  t.equal(slow.rate, honest.rate, 'a little less changes nothing');
  t.end();
});

t.test('a round trip that is made long takes no more than a tenth off', (t) => {
  const raw = (ms: number, timing: { elapsedMs: number; rttMs: number }) =>
    rawResult(challenge(1), { backend: 'cpu', ms }, timing).rate;
  const honest = raw(1000, { elapsedMs: 1001, rttMs: 1 });
  for (const rttMs of [10, 100, 500, 950, 5000]) {
    // Its clock may agree with it.
    for (const ms of [1000, 1000 - 0.9 * Math.min(rttMs, 1000)]) {
      const rate = raw(ms, { elapsedMs: 1001, rttMs });
      t.ok(rate <= honest / 0.9, `${rttMs} ms away, ${ms} ms said: ${rate / honest}`);
    }
  }
  const far = raw(40, { elapsedMs: 640, rttMs: 600 });
  t.ok(far > 0, 'who is really far away is not held to doctor its clock');
  t.end();
});

t.test('shapes keep to their limits', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8192 }), fc.integer({ min: 20, max: 43 }), (mib, log) => {
      const limits = { memory: mib, work: 2 ** log }, shape = shapeFor(limits);
      checkShape(shape, limits);
      checkShape(cubeFor(2 ** log), { memory: Infinity, work: 2 ** log });
      return memoryOf(shape) <= mib;
    }),
    { numRuns: 100 },
  );
  const refused = (shape: typeof SHAPE, code: string) =>
    t.throws(() => checkShape(shape, RAW_LIMITS.cpu), { code });
  refused({ ...SHAPE, rows: 0 }, 'RAW_SHAPE');
  refused({ ...SHAPE, rows: 65 }, 'RAW_SHAPE');
  refused({ ...SHAPE, rows: NaN }, 'RAW_SHAPE');
  refused({ ...SHAPE, inner: 65_536 }, 'RAW_SHAPE');
  refused({ rows: 16_384, inner: 64, cols: 16_384 }, 'RAW_TOO_LARGE');
  t.end();
});

t.test('software adapters count as the processor', (t) => {
  const facts = { vendor: '', architecture: '', device: '0', description: '' };
  const backend = (changes: object) =>
    classifyAdapter({ ...facts, isFallbackAdapter: false, ...changes }).backend;
  t.equal(backend({ description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }), 'cpu');
  t.equal(backend({ description: 'lavapipe' }), 'cpu');
  t.equal(backend({ description: 'SwiftShader Device (Subzero)' }), 'cpu');
  t.equal(backend({ description: 'Microsoft Basic Render Driver' }), 'cpu');
  t.equal(backend({ vendor: '65541' }), 'cpu', 'Mesa’s id for none');
  t.equal(backend({ description: 'a new name', isFallbackAdapter: true }), 'cpu');
  t.equal(backend({ description: 'NVIDIA GeForce RTX 4090', vendor: '4318' }), 'gpu');
  t.equal(backend({ description: 'AMD Radeon RX 7900 XTX (RADV NAVI31)', vendor: '4098' }), 'gpu');
  t.equal(backend({ description: 'Apple M2', vendor: '4203' }), 'gpu');
  t.equal(
    classifyAdapter({ ...facts, isFallbackAdapter: false, description: '\x1b[2J' }).name,
    '[2J',
  );
  t.end();
});

t.test('a machine of half the rate is in another class, one that wavers is not', (t) => {
  const random = randomOf(3), trials = 300;
  // Its pace wavers by a fifth, and now and then something else has half of it.
  const runs = (rate: number) =>
    Array.from(
      { length: RAW_RUNS },
      () => rate * (1 + 0.7 * (random() - 0.5)) * (random() < 0.1 ? 0.5 : 1),
    );
  let seen = 0, wrong = 0;
  for (let trial = 0; trial < trials; trial++) {
    const before = runs(1000);
    if (rawChanged(before, runs(500)) && rawChanged(runs(500), before)) seen++;
    if (rawChanged(before, runs(1000))) wrong++;
  }
  t.ok(seen >= 0.95 * trials, `${seen} of ${trials}`);
  t.equal(wrong, 0);
  t.end();
});
