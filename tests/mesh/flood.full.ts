import t from 'tap';
import { defaultLedgerRules, PRESETS } from '../../node/network/mod.ts';
import { LIMITS } from '../../feeds/records/mod.ts';
import { auditedHomes, sameRecord, trustOf } from '../lib/audited.ts';
import { Bench } from '../lib/nexus.ts';

/** More than fits into one cut. */
const FLOOD = LIMITS.cutBlocks + 8192;

t.setTimeout(400_000);

t.test('a log that grows by more than fits into a cut comes in parts, and stops nobody', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const rules = { ...defaultLedgerRules(), ...PRESETS.dev.ledger };
  const terms = { rules, genesis: [], coefficients: [] };
  const homes = await auditedHomes(bench, 3, 2, { epochMs: 2000 }, terms);
  const [first, second] = await Promise.all(
    homes.slice(0, 2).map((home) => bench.up(bootstrap, ['--role', 'requester,witness'], home)),
  );
  const junk = await bench.cheat(bootstrap, ['--role', 'executor'], homes[2]);
  await first!.running.waitFor((e) => e.event === 'cut');
  await junk.lie({ flood: FLOOD });
  await junk.running.waitFor((e) => e.event === 'flooded', 60_000);
  const { epoch } = await first!.running.waitFor(
    (e) => e.event === 'cut',
    60_000,
    first!.running.events.length,
  );
  // Time for all of it to be held, certified in parts, and folded by both.
  for (const { running } of [first!, second!]) {
    await running.waitFor((e) => e.event === 'cut' && e.epoch >= epoch + 12, 200_000);
  }
  for (const node of [first!, second!]) {
    while (((await trustOf(node))?.epoch ?? 0) < epoch + 12) {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  await sameRecord(t, [first!, second!]);
  await Promise.all([first!, second!].map(({ running }) => running.stop()));

  const { code, events } = await bench.run(['audit', '--ledger', '--json'], homes[0]!);
  t.equal(code, 4, 'it names what cannot be read');
  const told = events.filter(({ event }) => event === 'ledger');
  t.match(told, [{ ok: true, differs: null }]);
  t.ok(told[0]!.entries >= FLOOD, `${told[0]!.entries} entries`);
  t.ok(told[0]!.findingCount >= FLOOD);
});
