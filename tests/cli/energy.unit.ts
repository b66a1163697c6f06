import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { command } from '../../node/cli/commands/energy.ts';
import { EnergyJournal } from '../../node/energy/mod.ts';
import { BEGAN, DAY, row } from '../energy/row.ts';

/** What `nexus energy` says in a home, without a running node. */
async function said(home: string, flags: { since?: string } = {}) {
  const events: Record<string, unknown>[] = [], notes: string[] = [], texts: string[] = [];
  const out = {
    columns: 200,
    event: (event: Record<string, unknown>) => Promise.resolve(void events.push(event)),
    note: (text: string) => Promise.resolve(void notes.push(text)),
    result: (text: string) => Promise.resolve(void texts.push(text)),
  };
  const { signal } = new AbortController();
  await command.run({ flags: { home, ...flags }, out, signal, args: [] } as never);
  return { events, notes, texts };
}

t.test('nexus energy sums days and the last session from the journal of a home', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'energy-'));
  try {
    const nothing = await said(home);
    t.match(nothing.events, [{ event: 'energy-session', began: null, jobs: 0, joules: 0 }]);
    t.match(nothing.notes, ['nothing has been decoded here yet']);
    const journal = await EnergyJournal.open(join(home, 'energy.ndjson'));
    await journal.add(row({ at: BEGAN - DAY, session: BEGAN - DAY }));
    await journal.add(row({}));
    await journal.add(row({ attempt: 1, output: 14 }));
    const { events, notes, texts } = await said(home);
    t.match(events, [
      { event: 'energy', day: '2026-11-21', model: 'smollm2-135m', jobs: 1, joules: 40 },
      { event: 'energy', day: '2026-11-22', jobs: 2, joules: 58, outputToken: 0.5 },
      { event: 'energy-session', began: BEGAN, jobs: 2, joules: 58, source: 'rapl' },
    ]);
    t.match(texts[0], /2026-11-21 +smollm2-135m +1 .*rapl/);
    t.match(notes.at(-1), /^the last session, since 2026-11-22 12:00: /);
    const since = await said(home, { since: '2026-11-22' });
    t.equal(since.events.length, 2, 'one day less');
  } finally {
    rmSync(home, { recursive: true });
  }
});
