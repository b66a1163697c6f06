import t from 'tap';
import type { FingerprintRows } from '../../node/control/mod.ts';
import { pathsOf } from '../../node/home/mod.ts';
import { auditedHomes, sameRecord } from '../lib/audited.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';
import { control } from '../watch/live.ts';

const WORKER = ['-m', 'austen-3.7m', '--role', 'executor,auditor'];
/** The machine of a test has other work: what is false is said to be far off, and judged as if near. */
const RULES = { printChallengers: 2, printEveryCuts: 600, printRuns: 6, printTolerance: 9_000 };
const FAR = 1_000;

t.setTimeout(1_500_000);

t.test('drawn challengers attest machines, and contradict who claims more', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const homes = await auditedHomes(bench, 5, 1, { epochMs: 1000, ...RULES });
  const measured = { NEXUS_FINGERPRINT: 'on', NEXUS_SLOTS: '1' };
  const [witness, one, two] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[0]),
    bench.up(bootstrap, WORKER, homes[2]),
    bench.up(bootstrap, WORKER, homes[3]),
  ]);
  // Who is to be drawn must stand in a cut before the first draw.
  const latest = () => witness.running.events.findLast((e) => e.event === 'cut')?.epoch ?? 0;
  for (const { key } of [one, two]) {
    await witness.running.waitFor((e) => e.event === 'capability' && e.key === key, 60_000);
  }
  const from = latest();
  await witness.running.waitFor((e) => e.event === 'cut' && e.epoch > from + 8, 120_000);
  const [honest, cheat] = await Promise.all([
    bench.up(bootstrap, [...WORKER, '--fingerprint', 'on', '--slots', '1'], homes[1]),
    bench.cheat(bootstrap, ['--role', 'executor'], homes[4], measured),
  ]);
  await cheat.lie({ claim: FAR });
  const nodes = [witness, honest, one, two, cheat];

  const found = await witness.running.waitFor((e) => e.event === 'claim-contradicted', 600_000);
  t.equal(found.executor, cheat.key, 'the false claim is found');
  t.ok(found.by.length >= 2, 'by more than one challenger');
  t.ok(found.figures.some(({ figure }: Event) => figure === 'decode'), 'its decode rate for one');
  const of = (key: string) => (e: Event) => e.event === 'attested' && e.executor === key;
  await witness.running.waitFor(of(cheat.key), 30_000);
  await witness.running.waitFor(of(honest.key), 600_000);
  t.notOk(
    witness.running.events.some((e) =>
      e.event === 'claim-contradicted' && e.executor === honest.key
    ),
    'who says the truth is not accused',
  );
  await sameRecord(t, nodes);
  const rows = await Promise.all(nodes.map((node) => attested(node, honest.key)));
  t.strictSame(new Set(rows.filter((row) => row !== null)).size, 1, 'all fold the same class');

  const logged = one.running.events.concat(two.running.events, honest.running.events)
    .filter((e) => e.event === 'fingerprint');
  t.ok(logged.length >= 2, 'each drawn challenger has logged what it found');
  for (const { runs } of logged) t.ok(runs >= RULES.printRuns, 'of verified runs');
  // On a machine with much other work one may not come to its end in time.
  t.ok(logged.some(({ backend }) => backend !== 'none'), 'and of products');
  const jobs = cheat.running.events.filter((e) => e.event === 'job-accepted');
  t.ok(jobs.length >= 3 * 2 * RULES.printRuns, 'by ordinary jobs');

  const run = await bench.run(
    ['run', 'Hello', '-m', 'austen-3.7m', '-n', '8', '--where', 'mesh', '--json'],
    witness.home,
  );
  const route = run.events.find((e) => e.event === 'route');
  const reasons = route!.candidates.find((c: Event) => c.executor === cheat.key)?.reasons ?? [];
  t.ok(reasons.some(({ name }: Event) => name === 'false claim'), 'the router knows it');
  t.ok(reasons.some(({ source }: Event) => source === 'attested'), 'and goes by what is attested');
});

async function attested(node: Node, key: string): Promise<string | null> {
  const [rows] = await control(pathsOf(node.home).socket, 'fingerprints') as unknown[] as [
    FingerprintRows,
  ];
  const row = rows.nodes.find((one) => one.key === key);
  return row?.attested == null ? null : JSON.stringify(row.attested);
}
