import fc from 'fast-check';
import t from 'tap';
import {
  type Claim,
  contradictions,
  DEFAULT_RULES,
  judge,
  type JudgeInput,
  LOGIT_SCORE_UNIT,
  type Observation,
} from '../../node/audit/mod.ts';
import { extendProcess, LOG_UNIT, startProcess } from '../../feeds/trust/mod.ts';
import { createSampler } from '../../node/sampler/mod.ts';
import { madeUp } from './fixtures.ts';

const calibration = madeUp();
const seed = new Uint8Array(32).fill(5);
const clean = (count: number): Observation[] =>
  Array.from({ length: count }, (_, position) => ({
    position,
    soft: 0,
    hard: 0,
    mismatch: false,
    b1: 0,
  }));
const input = (changes: Partial<JudgeInput> = {}): JudgeInput => ({
  contradictions: [],
  observations: clean(300),
  exact: false,
  calibration,
  carried: null,
  process: null,
  rules: DEFAULT_RULES,
  ...changes,
});

t.test('honest work is ok; a short answer is inconclusive and goes on with the next', (t) => {
  t.equal(judge(input()).verdict, 'ok');
  let carried: JudgeInput['carried'] = null, jobs = 0;
  for (; jobs < 100; jobs++) {
    const result = judge(input({ observations: clean(8), carried }));
    if (result.verdict === 'ok') break;
    t.match(result, { verdict: 'inconclusive', why: 'open' });
    if (result.verdict === 'inconclusive') carried = result.carry;
  }
  t.ok(jobs > 1 && jobs < 100, `${jobs} jobs`);
  t.end();
});

t.test('without a calibration, or with too small a one, nothing is decided', (t) => {
  const wild = clean(300).map((seen) => ({ ...seen, soft: Infinity, b1: 100, mismatch: true }));
  t.match(judge(input({ calibration: null, observations: wild })), {
    verdict: 'inconclusive',
    why: 'no-calibration',
    evidence: { job: null, tests: null, mismatches: 300 },
  });
  t.match(judge(input({ calibration: madeUp(100, 20), observations: wild })), {
    verdict: 'inconclusive',
    why: 'small-sample',
  });
  t.end();
});

t.test('one job triggers and never accuses, however it looks', (t) => {
  const observation = fc.record({
    position: fc.nat(1000),
    soft: fc.oneof(fc.nat(2 ** 30), fc.constant(Infinity)),
    hard: fc.oneof(fc.nat(2 ** 30), fc.constant(Infinity)),
    mismatch: fc.constantFrom(true, false, null),
    b1: fc.integer({ min: -128, max: 127 }),
  });
  fc.assert(fc.property(fc.array(observation, { maxLength: 200 }), fc.boolean(), (seen, exact) => {
    t.not(judge(input({ observations: seen, exact })).verdict, 'fraud');
  }));
  const b1 = clean(40).map((seen, i) => ({ ...seen, b1: i % 2 === 0 ? 20 : -14 }));
  t.match(judge(input({ observations: b1 })), { verdict: 'trigger', reasons: [{ kind: 'b1' }] });
  const a = clean(40).map((seen) => ({ ...seen, soft: LOGIT_SCORE_UNIT }));
  t.match(judge(input({ observations: a })), {
    verdict: 'trigger',
    reasons: [{ kind: 'margins' }],
  });
  t.end();
});

t.test('one token far off triggers, and is named', (t) => {
  const seen = clean(300);
  seen[77] = { ...seen[77]!, soft: 1.6 * LOGIT_SCORE_UNIT };
  t.match(judge(input({ observations: seen })), {
    verdict: 'trigger',
    reasons: [{ kind: 'margin', positions: [77] }],
  });
  seen[77] = { ...seen[77]!, soft: 1.4 * LOGIT_SCORE_UNIT };
  t.equal(judge(input({ observations: seen })).verdict, 'ok');
  t.end();
});

t.test('within the exact class any difference triggers, elsewhere it does not', (t) => {
  const seen = clean(300);
  seen[5] = { ...seen[5]!, mismatch: true };
  seen[9] = { ...seen[9]!, b1: 1 };
  seen[10] = { ...seen[10]!, mismatch: null };
  t.equal(judge(input({ observations: seen })).verdict, 'ok');
  const exact = judge(input({ observations: seen, exact: true, calibration: null }));
  t.match(exact, { verdict: 'trigger', reasons: [{ kind: 'exact', positions: [5, 9] }] });
  t.end();
});

t.test('a contradiction, or a whole history, is fraud', (t) => {
  t.match(judge(input({ contradictions: [{ code: 'END_MISSING', position: null }] })), {
    verdict: 'fraud',
    cause: { kind: 'contradictions' },
  });
  const parts = calibration.margins.alternatives.length + calibration.b1.alternatives.length;
  const past = new Array<number>(parts).fill(20 * LOG_UNIT);
  const process = extendProcess(startProcess(parts), [past]);
  t.match(judge(input({ process })), { verdict: 'fraud', cause: { kind: 'lifetime', jobs: 1 } });
  t.equal(judge(input({ process: startProcess(parts) })).verdict, 'ok');
  t.end();
});

const END = 2;
const model = { contextSize: 64, vocabularySize: 100, topK: 4, isEnd: (id: number) => id === END };
const claim = (changes: Partial<Claim> = {}): Claim => ({
  prompt: [5, 6, 7],
  prefix: [],
  output: [10, 11, END],
  finish: 'end',
  sampling: { tq: 717, pq: 65_536, maxTokens: 10 },
  seed,
  ...changes,
});
const codes = (changes: Partial<Claim>) =>
  contradictions(claim(changes), model).map(({ code }) => code);

t.test('the end of an answer has to be what it says', (t) => {
  t.same(codes({}), []);
  t.same(codes({ output: [10, 11] }), ['END_MISSING']);
  t.same(codes({ output: [] }), ['END_MISSING']);
  t.same(codes({ output: [10, END, 11, END] }), ['TOKENS_AFTER_END']);
  t.same(codes({ output: [10, 11], finish: 'length' }), ['LENGTH_NOT_REACHED']);
  t.same(codes({ output: new Array(10).fill(9), finish: 'length' }), []);
  t.same(codes({ output: new Array(11).fill(9), finish: 'length' }), ['LENGTH_EXCEEDED']);
  t.same(codes({ output: [9], finish: 'length', prompt: new Array(63).fill(9) }), []);
  t.same(codes({ output: [10, 11], finish: 'cancelled' }), []);
  t.same(codes({ output: [10, 11], finish: 'stop' }), []);
  t.same(codes({ output: [END], prefix: [9, 9] }), []);
  t.same(codes({ output: [END], prefix: [9, END] }), ['TOKENS_AFTER_END']);
  t.same(codes({ output: [100, END] }), ['TOKEN_OUTSIDE_VOCABULARY']);
  t.end();
});

t.test('opened candidates have to give the token that was sent', (t) => {
  const z = [0, -100, -300, -900];
  const ids = [10, 20, 30, 40];
  const sampling = { tq: 717, pq: 65_536, maxTokens: 10 };
  const drawn = createSampler(seed).draw({ ids, z, position: 1, ...sampling });
  const other = ids.find((id) => id !== drawn)!;
  const check = (output: number[], opened: { ids: number[]; z: number[] }) =>
    contradictions(claim({ output, sampling, finish: 'cancelled' }), model, [
      { position: 1, ...opened },
    ]);
  t.same(check([9, drawn], { ids, z }), []);
  t.same(check([9, other], { ids, z }), [{ code: 'DRAW_DIFFERS', position: 1 }]);
  t.same(check([9], { ids, z }), [], 'it is another attempt that made this token');
  const impossible = [{ code: 'CANDIDATES_IMPOSSIBLE', position: 1 }];
  t.same(check([9, drawn], { ids: ids.slice(1), z: z.slice(1) }), impossible);
  t.same(check([9, drawn], { ids: [10, 10, 30, 40], z }), impossible);
  t.same(check([9, drawn], { ids, z: [-1, -100, -300, -900] }), impossible);
  t.same(check([9, drawn], { ids, z: [0, 5, -300, -900] }), impossible);
  t.same(check([9, drawn], { ids, z: [0, NaN, -300, -900] }), impossible);
  t.end();
});
