import t from 'tap';
import fc from 'fast-check';
import type { JobRecord, LogRecord, SettleRecord } from '../../feeds/records/mod.ts';
import { Retelling } from '../../node/record/derive.ts';
import { type LogCursor, merge, type Recorded } from '../../node/record/merge.ts';

const bytes = (n: number) => new Uint8Array(32).fill(n);
const hex = (n: number) => n.toString(16).padStart(2, '0').repeat(32);
// Only what the functions look at.
const job = (attempt: number, executor: number, at: number, resumeAt = 0) =>
  ({
    type: 'job',
    job: bytes(1),
    attempt,
    requester: bytes(2),
    executor: bytes(executor),
    profile: bytes(3),
    promptTokens: 5,
    resumeAt,
    heads: [],
    at,
  }) as unknown as JobRecord;
const settle = (attempt: number, executor: number, outcome: string, tokens: number) =>
  ({
    type: 'settle',
    job: bytes(1),
    attempt,
    executor: bytes(executor),
    outcome,
    finish: 'end',
    tokens,
    firstTokenMs: 100,
    totalMs: 1100,
  }) as unknown as SettleRecord;

t.test('an answer that moved on is told with its failover and its whole length', (t) => {
  const retelling = new Retelling();
  const events = [
    ...retelling.take(job(0, 4, 0), 0),
    ...retelling.take(job(1, 5, 1000, 10), 1000),
    ...retelling.take(settle(0, 4, 'failed', 10), 1001),
    ...retelling.take(settle(1, 5, 'done', 11), 3000),
    ...retelling.end(3000),
  ];
  t.same(events.map(({ event }) => event), [
    'run-model',
    'run-route',
    'run-failover',
    'run-route',
    'run-done',
  ]);
  t.match(events[2], { from: hex(4), to: hex(5), tokens: 10 });
  t.match(events[4], {
    outputTokens: 21,
    attempts: 2,
    firstTokenMs: 1100,
    totalMs: 2100,
    tokensPerSecond: 10,
    text: null,
  });
  t.end();
});

t.test('an attempt that failed ends its job only if no other one follows', (t) => {
  const retelling = new Retelling();
  retelling.take(job(0, 4, 0), 0);
  t.same(retelling.take(settle(0, 4, 'failed', 0), 10), []);
  const later = { ...job(0, 4, 20_000), job: bytes(9) };
  t.match(retelling.take(later, 20_000)[0], { event: 'run-failed', job: hex(1), at: 20_000 });
  t.end();
});

/** Logs as their number says, entries with a time and what their writer had seen. */
type Plan = { at: number | null; heads: [log: number, length: number][] }[][];

function cursorsOf(plan: Plan): LogCursor[] {
  return plan.map((entries, log): LogCursor => ({
    core: hex(log),
    length: entries.length,
    entries: (async function* () {
      for (const [index, { at, heads }] of entries.entries()) {
        const seen = heads.map(([core, length]) => ({ core: bytes(core), length }));
        const record = at === null ? null : { type: 'claim', at, heads: seen } as unknown;
        yield {
          core: hex(log),
          index,
          value: new Uint8Array(),
          record: record as LogRecord | null,
        } satisfies Recorded;
      }
    })(),
  }));
}

async function order(plan: Plan) {
  const out: { log: number; index: number; at: number }[] = [];
  for await (const { core, index, at } of merge(cursorsOf(plan), 1000)) {
    out.push({ log: parseInt(core.slice(0, 2), 16), index, at });
  }
  return out;
}

t.test('entries follow what their writer had seen, even against the clocks', async (t) => {
  const plan: Plan = [
    [{ at: null, heads: [] }, { at: 500, heads: [] }, { at: 510, heads: [] }],
    // A clock that is behind.
    [{ at: null, heads: [] }, { at: 100, heads: [[0, 2]] }, { at: 101, heads: [[0, 3]] }],
  ];
  t.same((await order(plan)).map(({ log, index }) => `${log}${index}`), [
    '00',
    '10',
    '01',
    '11',
    '02',
    '12',
  ]);
});

t.test("whatever writers claim, every entry comes once, in its log's order", async (t) => {
  const entry = fc.record({
    at: fc.option(fc.oneof(fc.nat(2000), fc.constant(Number.MAX_SAFE_INTEGER))),
    heads: fc.array(fc.tuple(fc.nat(4), fc.nat(9)), { maxLength: 3 }),
  });
  const plans = fc.array(fc.array(entry, { maxLength: 6 }), { maxLength: 4 });
  await fc.assert(fc.asyncProperty(plans, async (plan) => {
    const out = await order(plan);
    t.equal(out.length, plan.flat().length);
    plan.forEach((entries, log) => {
      const mine = out.filter((one) => one.log === log).map(({ index }) => index);
      t.same(mine, entries.map((_, i) => i));
    });
    t.same(out.map(({ at }) => at), out.map(({ at }) => at).sort((a, b) => a - b));
  }));
});
