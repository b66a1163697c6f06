import t from 'tap';
import fc from 'fast-check';
import { isLeftOver } from '../../feeds/client/sweep.ts';
import { encodeRecord } from '../../feeds/records/mod.ts';
import { RateMeter } from '../../node/job/rate.ts';
import { RowDiff } from '../../node/watch/diff.ts';
import { entryRow } from '../../node/watch/entry.ts';
import { type FindingsEvent, watchFindings } from '../../node/watch/findings.ts';
import { History } from '../../node/watch/history.ts';
import { LossyQueue } from '../../node/watch/queue.ts';

t.test('applied one after the other, the changes of a table give the table', (t) => {
  const rows = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(3));
  fc.assert(fc.property(fc.array(rows), (samples) => {
    const diff = new RowDiff<{ key: string; n: number }>(({ key }) => key);
    const folded = new Map<string, number>();
    for (const sample of samples) {
      const before = JSON.stringify([...folded].sort());
      const changes = diff.next(Object.entries(sample).map(([key, n]) => ({ key, n })));
      for (const { key, n } of changes?.changed ?? []) folded.set(key, n);
      for (const key of changes?.gone ?? []) folded.delete(key);
      t.same(Object.fromEntries(folded), { ...sample });
      if (changes === null) t.equal(JSON.stringify([...folded].sort()), before);
    }
  }));
  t.end();
});

t.test('a queue loses its oldest values by weight, and knows how many', async (t) => {
  const queue = new LossyQueue<number>(10, (n) => n);
  for (const n of [4, 4, 4]) queue.push(n);
  t.equal(queue.takeLost(), 1);
  t.equal(queue.takeLost(), 0);
  t.same([queue.take(), queue.take(), queue.take()], [4, 4, undefined]);
  queue.push(100);
  t.equal(queue.take(), 100, 'a value that is too heavy alone is not lost');
  const abort = new AbortController();
  const ready = queue.ready(abort.signal);
  queue.push(1);
  await ready;
  t.equal(queue.clear(), 1);
  const waiting = queue.ready(abort.signal);
  abort.abort();
  await waiting;
  t.end();
});

t.test('history is bounded, and frequent events do not push out jobs', (t) => {
  const history = new History(3);
  for (let at = 0; at < 5; at++) history.take({ event: 'run-done', at });
  for (let at = 5; at < 50; at++) history.take({ event: 'run-rate', at });
  history.take({ event: 'model', type: 'progress', at: 50 });
  t.same(history.events.map(({ at }) => at), [2, 3, 4]);
  t.end();
});

t.test('the rate of a job is told twice a second at most, over the time since the last', (t) => {
  const meter = new RateMeter(500);
  const told = [];
  for (let tick = 0; tick <= 2000; tick += 10) {
    const rate = meter.take(tick / 10 + 1, tick);
    if (rate !== null) told.push(rate);
  }
  t.same(told.map(({ tokens }) => tokens), [51, 101, 151, 201]);
  t.ok(told.every(({ tokensPerSecond }) => tokensPerSecond === 100));
  t.end();
});

t.test('replays take their share of the time, and only what is new is told', async (t) => {
  const abort = new AbortController();
  const waits: number[] = [];
  const told: FindingsEvent[] = [];
  let clock = 0, digest = 'a';
  await watchFindings({
    // Each takes a second.
    replay: () => {
      clock += 1000;
      return Promise.resolve({ findings: [], unresolved: 0, digest });
    },
    changed: () => waits.length !== 3,
    emit: (event) => told.push(event),
    now: () => 7,
    tick: () => clock,
    pause: (ms) => {
      waits.push(ms);
      if (waits.length === 5) digest = 'b';
      if (waits.length === 6) abort.abort();
      return Promise.resolve();
    },
  }, abort.signal);
  t.same(waits, [3000, 20_000, 20_000, 20_000, 20_000, 20_000]);
  t.same(told.map(({ digest }) => digest), ['a', 'b']);
  t.end();
});

t.test('an entry is shown with its fields; whatever is none keeps its place', (t) => {
  const bytes = (n: number, length = 32) => new Uint8Array(length).fill(n);
  const place = { core: 'aa', owner: null, log: 'artifacts', index: 3 };
  const ack = { tokens: 2, signature: bytes(9, 64) };
  const claim = { attempt: 0, job: bytes(1), requester: bytes(2), ack, heads: [], at: 12 };
  const row = entryRow(place, encodeRecord({ type: 'claim', ...claim }));
  t.match(row, { ...place, type: 'claim', at: 12, job: '01'.repeat(32), error: null });
  t.equal((row.fields.ack as { signature: string }).signature, `${'09'.repeat(32)}…`);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (value) => {
    const row = entryRow(place, value);
    t.equal(row.bytes, value.length);
    t.equal(row.type === null, row.error !== null);
    JSON.stringify(row);
  }));
  t.end();
});

t.test('only old, private folders of this user count as left over', (t) => {
  const now = Date.UTC(2026, 0, 2);
  const old = {
    name: 'nexus-start-0123456789ab',
    isDirectory: true,
    uid: 5,
    mode: 0o40700,
    mtime: new Date(now - 7_200_000),
  };
  t.ok(isLeftOver(old, 5, now));
  for (
    const change of [
      { name: 'nexus-test-Ab3' },
      { isDirectory: false },
      { uid: 6 },
      { mode: 0o40777 },
      { mtime: new Date(now - 1000) },
      { mtime: null },
    ]
  ) t.notOk(isLeftOver({ ...old, ...change }, 5, now), JSON.stringify(change));
  t.end();
});
