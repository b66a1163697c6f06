import t from 'tap';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sinceFrom } from '../../node/cli/since.ts';
import { energyCells, energyEvent, energyLine, sourceLines } from '../../node/cli/energy_view.ts';
import {
  byDay,
  EnergyJournal,
  parseRow,
  perToken,
  readRows,
  sumBy,
} from '../../node/energy/mod.ts';
import { AT, BEGAN, DAY, row } from './row.ts';

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'energy-'));
  try {
    await run(join(folder, 'home', 'energy.ndjson'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

t.test('what jobs took is there after a restart, and nobody else may read it', (t) =>
  inFolder(async (path) => {
    t.same(await readRows(path), { rows: [], whole: true }, 'none yet');
    const journal = await EnergyJournal.open(path);
    await Promise.all([journal.add(row()), journal.add(row({ attempt: 1 }))]);
    t.equal(statSync(path).mode & 0o777, 0o600);
    const again = await EnergyJournal.open(path);
    t.same(again.rows, [row(), row({ attempt: 1 })]);
    await again.add(row({ attempt: 2 }));
    t.equal((await readRows(path)).rows.length, 3);
  }));

t.test('a torn line costs itself alone', (t) =>
  inFolder(async (path) => {
    await (await EnergyJournal.open(path)).add(row());
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, `${text}{"at":3}\nnull\n${text}${text.slice(0, 70)}`);
    t.match(await readRows(path), { rows: [row(), row()], whole: false });
    const journal = await EnergyJournal.open(path);
    await journal.add(row({ attempt: 5 }));
    t.same((await readRows(path)).rows.map(({ attempt }) => attempt), [0, 0, 5]);
  }));

t.test('it stays small: what is old becomes sums of days, and no joule is lost', (t) =>
  inFolder(async (path) => {
    const journal = await EnergyJournal.open(path, { rows: 20, days: 4 });
    for (let i = 0; i < 60; i++) await journal.add(row({ at: AT + i * DAY / 20, attempt: i }));
    const { rows, whole } = await readRows(path);
    t.ok(whole);
    t.ok(rows.length <= 21, `${rows.length} rows`);
    t.equal(rows.at(-1)!.attempt, 59);
    t.match(rows[0], { job: null, session: null });
    t.equal(rows.reduce((sum, { jobs }) => sum + jobs, 0), 60);
    t.ok(Math.abs(rows.reduce((sum, r) => sum + r.prompt + r.output, 0) - 60 * 40) < 1e-6);
    t.ok(rows.every((one) => parseRow(one) !== null));
    const long = await EnergyJournal.open(`${path}.long`, { rows: 20, days: 4 });
    for (let i = 0; i < 200; i++) await long.add(row({ at: AT + i * DAY }));
    t.ok(long.rows.length <= 24, 'days go too');
  }));

t.test('rows that make no sense are none', (t) => {
  t.same(parseRow(row()), row());
  const spoilt = fc.tuple(
    fc.constantFrom(...Object.keys(row())),
    fc.constantFrom<unknown>(-1, 'x', {}, NaN, 1e300, undefined),
  );
  fc.assert(fc.property(spoilt, ([name, value]) => {
    const is = parseRow({ ...row(), [name]: value });
    return name === 'model' && value === 'x' ? is !== null : is === null;
  }));
  for (const wrong of [null, 7, 'x', []]) t.equal(parseRow(wrong), null);
  // No day begins then.
  for (const late of [{ at: 9e15 }, { session: 9e15 }]) t.equal(parseRow(row(late)), null);
  t.end();
});

t.test('sums: joules and tokens add up, the error is their mean by energy', (t) => {
  const rows = [
    row(),
    row({ prompt: 0, output: 120, error: 0.5, source: 'estimate', own: false }),
    row({ at: AT + DAY, ncu: null }),
  ];
  t.match(sumBy(rows.slice(0, 2), () => ''), [{
    jobs: 2,
    prompt: 4,
    output: 156,
    error: (0.05 * 40 + 0.5 * 120) / 160,
    ncu: 7402,
    own: false,
    job: null,
    session: BEGAN,
  }]);
  t.equal(sumBy(rows, () => '')[0]!.ncu, null, 'what is not known of one is not known of all');
  t.equal(byDay(rows).length, 3, 'days and sources apart');
  t.equal(rows[0]!.jobs, 1, 'the rows stay');
  t.same(perToken(row()), { promptToken: 0.4, outputToken: 0.72 });
  t.same(perToken(row({ evaluated: 0, decoded: 0 })), { promptToken: null, outputToken: null });
  t.end();
});

t.test('as people read it', (t) => {
  t.same(energyCells(row()), [
    '2026-11-22',
    'smollm2-135m',
    '1',
    '20',
    '51',
    '40',
    '0.0111',
    '0.003701',
    '0.4',
    '0.72',
    'rapl ±5 %',
  ]);
  t.match(
    energyLine(row()),
    /^1 job, 40 J ±5 %, 0\.0111 Wh; reference energy 0\.003701 NCU: this machine took 10\.8 times/,
  );
  t.notMatch(energyLine(row({ ncu: null })), /NCU/);
  const { joules, wattHours, ...event } = energyEvent(row());
  t.same([joules, wattHours], [40, 40 / 3600]);
  t.notOk('job' in event || 'own' in event);
  const absent = [{ name: 'rapl', reason: 'only root may read it', mend: 'sudo chmod' }];
  t.same(sourceLines({ name: 'estimate', detail: 'server', error: 0.5, absent }), [
    'estimate: server, ±50 %',
    'no rapl: only root may read it; mend: sudo chmod',
  ]);
  t.end();
});

t.test('since when, as people say it', (t) => {
  t.equal(sinceFrom('2026-11-20', AT), Date.UTC(2026, 10, 20));
  t.equal(sinceFrom('2026-11-20T18:00Z', AT), Date.UTC(2026, 10, 20, 18));
  t.equal(sinceFrom('7d', AT), AT - 7 * DAY);
  t.equal(sinceFrom('30 min', AT), AT - 30 * 60_000);
  t.equal(sinceFrom('2w', 1000), 0);
  for (const wrong of ['', 'yesterday', '7', '2026-13-40', '-1d', '1y']) {
    t.throws(() => sinceFrom(wrong, AT), { code: 'USAGE' }, wrong);
  }
  t.end();
});
