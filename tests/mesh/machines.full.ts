import t from 'tap';
import type { FingerprintRow, FingerprintRows } from '../../node/control/mod.ts';
import { pathsOf } from '../../node/home/mod.ts';
import { auditedHomes } from '../lib/audited.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';
import { slowed } from '../lib/slowed.ts';
import { control } from '../watch/live.ts';
import { accountOf, ledgerOf, sameRoots, terms, until } from './money.ts';

const WORKER = ['-m', 'austen-3.7m', '--role', 'executor,auditor'];
const ALONE = { NEXUS_FINGERPRINT: 'on', NEXUS_SLOTS: '1' };
/** One of three challengers lies; a machine is measured every few minutes. */
const RULES = {
  epochMs: 1000,
  printChallengers: 3,
  printEveryCuts: 240,
  printExpireCuts: 2_000,
  printRuns: 6,
};
/** A false claim, and a false measurement: so many times the truth. */
const CLAIM = 50, MEASURED = 8;
/** Of the time: the slower a machine, the more it takes to say so beside the work of others. */
const HALF = 0.5;
/** A busy machine tells nothing of who shares it: then again. */
const TRIES = 4;
const MEASURE_MS = 600_000;

t.setTimeout(1_800_000);

t.test('machines are measured, and who lies about one changes nothing but its own name', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const money = await terms();
  const ledger = { ...money, rules: { ...money.rules, claimCost: 1_000 } };
  const homes = await auditedHomes(bench, 6, 1, RULES, ledger);
  const worker = (i: number) => bench.up(bootstrap, WORKER, homes[i]);
  let [witness, one, two, liar] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[0]),
    worker(1),
    worker(2),
    bench.cheat(bootstrap, ['--role', 'executor,auditor'], homes[3]),
  ]);
  await liar.lie({ measured: MEASURED });
  const seen = (fits: (e: Event) => boolean, ms = MEASURE_MS) => witness.running.waitFor(fits, ms);
  for (const { key } of [one, two, liar]) {
    await seen((e) => e.event === 'capability' && e.key === key, 180_000);
  }

  await t.test('two nodes of one machine slow each other down', async (t) => {
    const verdicts: string[] = [];
    for (let i = 0; i < TRIES; i++) {
      verdicts.push(await sharing(bench, witness, one, two));
      if (verdicts.at(-1) === 'shared') break;
      // Who has answered enough for now does so again after a new start; a busy machine tells nothing.
      await Promise.all([one, two].map(({ running }) => running.stop()));
      [one, two] = await Promise.all([worker(1), worker(2)]);
    }
    t.equal(verdicts.at(-1), 'shared', verdicts.join(', '));
    t.notOk(verdicts.includes('separate'));
  });

  const [honest, boaster] = await Promise.all([
    bench.up(
      bootstrap,
      [...WORKER.slice(0, 3), 'executor', '--fingerprint', 'on', '--slots', '1'],
      homes[4],
    ),
    bench.cheat(bootstrap, ['--role', 'executor'], homes[5], ALONE),
  ]);
  await boaster.lie({ claim: CLAIM });
  const nodes: Node[] = [witness, one, two, liar, honest, boaster];
  const reputation = watchAccount(witness, boaster);
  t.teardown(() => reputation.end());

  await t.test('a false claim costs reputation, as every node tells', async (t) => {
    const found = await seen((e) => e.event === 'claim-contradicted' && e.executor === boaster.key);
    t.ok(found.by.length >= 2);
    await sameRoots(t, nodes);
    const told = await Promise.all(nodes.map(async (node) => {
      const { findings } = (await ledgerOf(node))!;
      const of = findings.filter(({ code }) => code === 'claim-contradicted');
      return JSON.stringify(of.filter(({ author }) => author === boaster.key)[0]);
    }));
    t.match(told[0], /claimed, from \d+ to \d+ measured/);
    t.equal(new Set(told).size, 1, 'all name the same finding');
    await until('its reputation is seen to fall', () => Promise.resolve(reputation.fell));
    t.match(await balance(bench, boaster), { status: 'active', violations: 0 }, 'and no money');
  });

  await t.test('one challenger of three that lies decides nothing', async (t) => {
    await seen((e) => e.event === 'attested' && e.executor === honest.key && e.by.length === 3);
    const first = await rowOf(witness, honest);
    const said = (node: Node) =>
      node.running.events.find((e) => e.event === 'fingerprint' && e.executor === honest.key)!;
    const [a, b, false_] = [one, two, liar].map(said) as [Event, Event, Event];
    t.ok(first.attested!.by.includes(liar.key), 'its word is among them');
    const rates = [a, b].map(({ decode }) => decode.toFixed(3));
    t.ok(rates.includes(decodeOf(first).toFixed(3)), `${decodeOf(first)} of ${rates.join(', ')}`);
    t.ok(MEASURED * false_.decode > first.attested!.decode.high, 'what it said lies outside');
    const rows = await Promise.all(nodes.map((node) => rowOf(node, honest)));
    t.equal(new Set(rows.map(({ attested }) => JSON.stringify(attested))).size, 1);
  });

  await t.test('a node at half speed is put in another class', async (t) => {
    const before = await rowOf(witness, honest);
    const end = slowed(honest.pids.engine, HALF);
    t.teardown(end);
    const changed = await seen(
      (e) => e.event === 'speed-class-changed' && e.executor === honest.key,
      900_000,
    );
    t.ok(changed.figures.length > 0);
    const after = await rowOf(witness, honest);
    t.ok(decodeOf(after) < 0.8 * decodeOf(before), `${decodeOf(before)} to ${decodeOf(after)}`);
    end();
  });

  await sameRoots(t, nodes);
});

async function sharing(bench: Bench, { home }: Node, a: Node, b: Node): Promise<string> {
  const { events, stderr } = await bench.run(['fingerprint', a.key, b.key, '--json'], home);
  const verdict = events.find((e) => e.event === 'together')?.verdict;
  return verdict ?? `no answer: ${stderr.slice(-200)}`;
}

async function balance(bench: Bench, { home }: Node): Promise<Event> {
  const { events } = await bench.run(['balance', '--json'], home);
  return events.find((e) => e.event === 'balance')!;
}

async function rowOf(node: Node, { key }: Node): Promise<FingerprintRow> {
  const [rows] = await control(pathsOf(node.home).socket, 'fingerprints') as unknown[] as [
    FingerprintRows,
  ];
  return rows.nodes.find((one) => one.key === key)!;
}

/** The single best number of the newest class. */
function decodeOf({ history }: FingerprintRow): number {
  return history.findLast(({ source }) => source === 'attestation')!.decode!;
}

/** Looks at an account from cut to cut. */
function watchAccount(from: Node, of: Node): { readonly fell: boolean; end: () => void } {
  let most = 0, fell = false;
  const timer = setInterval(async () => {
    const verified = (await accountOf(from, of).catch(() => undefined))?.verified ?? most;
    if (verified < most) fell = true;
    most = Math.max(most, verified);
  }, 300);
  return {
    get fell() {
      return fell;
    },
    end: () => clearInterval(timer),
  };
}
