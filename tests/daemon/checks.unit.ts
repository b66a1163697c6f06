import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { VerdictRow } from '../../node/control/mod.ts';
import { Distrust } from '../../node/daemon/distrust.ts';
import { VerdictBook } from '../../node/daemon/verdicts.ts';

const HOUR = 3_600_000;
const key = (n: number) => n.toString(16).padStart(2, '0').repeat(32);
const bytes = (n: number) => new Uint8Array(32).fill(n);
const trigger = { cause: 'trigger', detail: 'differs', job: key(9), proven: false };

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'nexus-test-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

t.test('an objection counts for an hour, the next one for two, a proof for good', async (t) => {
  const path = join(folder(t), 'distrusted.json');
  let now = 1000;
  const list = await Distrust.load(path, () => now);
  t.equal(list.of(bytes(1)), null);
  await list.add(key(1), trigger);
  t.match(list.of(bytes(1)), { until: now + HOUR, count: 1 });
  now += HOUR;
  t.equal(list.of(bytes(1)), null, 'its time is up');
  t.same(list.all, []);
  await list.add(key(1), trigger);
  t.match(list.of(bytes(1)), { until: now + 2 * HOUR, count: 2 });
  await list.add(key(1), { ...trigger, cause: 'lifetime', proven: true });
  await list.add(key(1), trigger);
  t.match(list.of(bytes(1)), { until: null, cause: 'lifetime' }, 'and nothing shortens it');
  now += 1e12;
  t.not(list.of(bytes(1)), null);
  const again = await Distrust.load(path, () => now);
  t.same(again.all, list.all, 'also after a restart');
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.equal(await again.remove(bytes(1)), true);
  t.equal(await again.remove(bytes(1)), false);
  t.same((await Distrust.load(path)).all, []);
});

t.test('a list of distrust that cannot be read keeps the node from starting', async (t) => {
  const path = join(folder(t), 'distrusted.json');
  for (const text of ['{', '[]', '{"version":1,"distrusted":[{"key":"zz"}]}', '{"version":2}']) {
    writeFileSync(path, text);
    await t.rejects(Distrust.load(path), { code: 'DISTRUST_INVALID' });
  }
});

const verdict = (n: number, change: Partial<VerdictRow> = {}): VerdictRow => ({
  job: key(n),
  attempt: 0,
  executor: key(1),
  auditor: key(2),
  by: 'peer',
  finding: 'ok',
  why: null,
  positions: 5,
  mismatches: 0,
  class: key(3),
  exact: true,
  reasons: [],
  ms: 12,
  at: 7,
  ...change,
});

t.test('verdicts are kept by job, one an auditor, and what is malformed is left out', async (t) => {
  const path = join(folder(t), 'verdicts.json');
  const book = await VerdictBook.load(path);
  await book.add(verdict(1));
  await book.add(verdict(2, { finding: 'inconclusive', why: 'open' }));
  await book.add(verdict(1, { auditor: key(4), by: 'network' }));
  await book.add(verdict(1, { finding: 'trigger', reasons: [{ kind: 'exact', positions: [3] }] }));
  t.same(book.of(key(1)).map(({ finding }) => finding), ['ok', 'trigger']);
  const text = readFileSync(path, 'utf8');
  t.same((await VerdictBook.load(path)).all, book.all);
  const { verdicts } = JSON.parse(text);
  verdicts[0].job = '../../etc';
  verdicts[1].reasons = 'many';
  writeFileSync(path, JSON.stringify({ version: 1, verdicts }));
  t.equal((await VerdictBook.load(path)).all.length, 1);
  writeFileSync(path, '{');
  t.same((await VerdictBook.load(path)).all, []);
});

t.test('the book holds the newest', async (t) => {
  const path = join(folder(t), 'verdicts.json');
  const rows = Array.from({ length: 2001 }, (_, i) => verdict(i % 256, { attempt: i, at: i }));
  writeFileSync(path, JSON.stringify({ version: 1, verdicts: rows }));
  const book = await VerdictBook.load(path);
  t.equal(book.all.length, 2000);
  t.equal(book.all[0]!.at, 1);
});
