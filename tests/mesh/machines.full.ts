import t from 'tap';
import type { FingerprintRow, FingerprintRows } from '../../node/control/mod.ts';
import { pathsOf } from '../../node/home/mod.ts';
import { auditedHomes } from '../lib/audited.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';
import { slowed } from '../lib/slowed.ts';
import { control } from '../watch/live.ts';
import { accountOf, ledgerOf, sameRoots, terms, until } from './money.ts';

const WORKER = ['-m', 'austen-3.7m', '--role', 'executor,auditor'];
const EXECUTOR = ['-m', 'austen-3.7m', '--role', 'executor', '--fingerprint', 'on', '--slots', '1'];
const ALONE = { NEXUS_FINGERPRINT: 'on', NEXUS_SLOTS: '1' };
const RULES = { epochMs: 1000, printChallengers: 3, printEveryCuts: 600, printExpireCuts: 2_000 };
/** A false claim, and a false measurement: so many times the truth. */
const CLAIM = 1_000, MEASURED = 8;
/**
 * Share of the time that an engine is let run. The benchmark tells half speed; here other work on the
 * machine may halve a figure too.
 */
const SLOWED = 0.2;
const KNOWN_MS = 180_000, MEASURE_MS = 600_000;
/** A busy machine tells nothing of who shares it: then again. */
const TRIES = 4;

t.setTimeout(2_400_000);

t.test('machines are measured, and who lies about one changes nothing but its own name', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const money = await terms();
  const ledger = { ...money, rules: { ...money.rules, claimCost: 1_000 } };
  const homes = await auditedHomes(bench, 6, 1, RULES, ledger);
  const worker = (i: number) => bench.up(bootstrap, WORKER, homes[i]);
  let [witness, one, two] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[0]),
    worker(1),
    worker(2),
  ]);
  const seen = (fits: (e: Event) => boolean, ms = MEASURE_MS) => witness.running.waitFor(fits, ms);
  for (const { key } of [one, two]) {
    await seen((e) => e.event === 'capability' && e.key === key, KNOWN_MS);
  }

  await t.test('two nodes of one machine slow each other down', async (t) => {
    const verdicts: string[] = [];
    for (let i = 0; i < TRIES; i++) {
      verdicts.push(await sharing(bench, witness, one, two));
      if (verdicts.at(-1) === 'shared') break;
      // Who has answered enough for now does so again after a new start.
      await Promise.all([one, two].map(({ running }) => running.stop()));
      const from = witness.running.events.length;
      [one, two] = await Promise.all([worker(1), worker(2)]);
      for (const { key } of [one, two]) {
        const fits = (e: Event) => e.event === 'capability' && e.key === key;
        await witness.running.waitFor(fits, KNOWN_MS, from);
      }
    }
    t.equal(verdicts.at(-1), 'shared', verdicts.join(', '));
  });

  // Who is to be drawn must stand in a cut before the first draw.
  const latest = witness.running.events.findLast((e) => e.event === 'cut')?.epoch ?? 0;
  await seen((e) => e.event === 'cut' && e.epoch > latest + 8, KNOWN_MS);
  const [honest, boaster] = await Promise.all([
    bench.up(bootstrap, EXECUTOR, homes[4]),
    bench.cheat(bootstrap, ['--role', 'executor'], homes[5], ALONE),
  ]);
  await boaster.lie({ claim: CLAIM });
  const reputation = watchAccount(witness, boaster);
  t.teardown(() => reputation.end());

  await t.test('a false claim costs reputation, as every node tells', async (t) => {
    const nodes = [witness, one, two, honest, boaster];
    const found = await seen((e) => e.event === 'claim-contradicted' && e.executor === boaster.key);
    t.ok(found.by.length >= 2, 'two at least have found it');
    await sameRoots(t, nodes);
    const told = await Promise.all(nodes.map(async (node) => {
      const { findings } = (await ledgerOf(node))!;
      return JSON.stringify(
        findings.find(({ code, author }) =>
          code === 'claim-contradicted' && author === boaster.key
        ),
      );
    }));
    t.match(told[0], /claimed, from \d+ to \d+ measured/);
    t.equal(new Set(told).size, 1, 'all name the same finding');
    await until('its reputation is seen to fall', () => Promise.resolve(reputation.fell));
    t.match(await balance(bench, boaster), { status: 'active', violations: 0 }, 'and no money');
  });

  await t.test('slowed down it is another class, whatever one of three says', async (t) => {
    await seen((e) => e.event === 'attested' && e.executor === honest.key);
    const before = await rowOf(witness, honest);
    const end = slowed(honest.pids.engine, SLOWED);
    t.teardown(end);
    // As soon as more can be drawn than were, they are.
    const liar = await bench.cheat(bootstrap, ['--role', 'executor,auditor'], homes[3]);
    await liar.lie({ measured: MEASURED });
    const fits = (e: Event) => e.event === 'attested' && e.executor === honest.key;
    const { by } = await seen((e) => fits(e) && e.by.includes(liar.key));
    end();
    t.equal(by.length, 3);
    // It shows once the date of its cut is known.
    let after = before;
    await until('the new class shows', async () => {
      after = await rowOf(witness, honest);
      return decodeOf(after) !== decodeOf(before);
    });
    t.ok(
      witness.running.events.some((e) =>
        e.event === 'speed-class-changed' && e.executor === honest.key
      ),
      `${decodeOf(before)} to ${decodeOf(after)} tokens/s`,
    );
    t.ok(decodeOf(after) < decodeOf(before));
    const said = (node: Node) =>
      node.running.events.findLast((e) => e.event === 'fingerprint' && e.executor === honest.key)!;
    const rates = [one, two].map((node) => said(node).decode.toFixed(3));
    t.ok(rates.includes(decodeOf(after).toFixed(3)), `it is one of ${rates.join(', ')}`);
    t.ok(MEASURED * said(liar).decode > after.attested!.decode.high, 'what the liar says is not');
    const all = [witness, one, two, liar, honest, boaster];
    await sameRoots(t, all);
    const rows = await Promise.all(all.map((node) => rowOf(node, honest)));
    t.equal(new Set(rows.map(({ attested }) => JSON.stringify(attested))).size, 1);
  });
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
