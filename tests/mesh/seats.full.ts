import t from 'tap';
import type { ElectorateView } from '../../feeds/ledger/mod.ts';
import { pathsOf } from '../../node/home/mod.ts';
import { defaultLedgerRules, PRESETS } from '../../node/network/mod.ts';
import { auditedHomes } from '../lib/audited.ts';
import { Bench, type Node } from '../lib/nexus.ts';
import { control } from '../watch/live.ts';
import { ledgerOf, NCU, sameRoots } from './money.ts';

const WITNESS = ['--role', 'requester,witness'];
const BONDS = [10, 11, 12, 18];

t.setTimeout(900_000);

async function electorateOf(node: Node): Promise<ElectorateView | null> {
  return (await ledgerOf(node))?.electorate ?? null;
}

/** Each look waits for another cut: however long that takes here, it is a bounded number of them. */
async function within(cuts: number, node: Node, holds: () => Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < cuts; i++) {
    if (await holds()) return true;
    const from = node.running.events.length;
    await node.running.waitFor(({ event }) => event === 'cut', 120_000, from);
  }
  return await holds();
}

t.test('bonds make the witnesses, and cuts go on without those of the file', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const rules = {
    ...defaultLedgerRules(),
    ...PRESETS.dev.ledger,
    witnessBonds: 45 * NCU,
    unbondCuts: 1000,
  };
  const terms = { rules, genesis: [], coefficients: [] };
  const homes = await auditedHomes(bench, 6, 1, { epochMs: 1000 }, terms);
  const [first, ...bonded] = await Promise.all(
    homes.slice(0, 5).map((home) => bench.up(bootstrap, WITNESS, home)),
  ) as [Node, ...Node[]];
  const keys = bonded.map(({ key }) => key).sort();

  await t.test('those who bond stand by, and then are the witnesses', async (t) => {
    for (const [i, node] of bonded.entries()) {
      const granted = async () =>
        ((await ledgerOf(node))?.accounts.find(({ key }) => key === node.key)?.available ?? 0) > 0;
      t.ok(await within(60, first, granted));
      await control(pathsOf(node.home).socket, 'bond', { amount: BONDS[i]! * NCU });
    }
    const isSeated = async () => {
      const electorate = await electorateOf(bonded[0]!);
      return electorate !== null && electorate.seats.length === 4;
    };
    t.ok(await within(120, bonded[0]!, isSeated));
    const { seats, since } = (await electorateOf(bonded[0]!))!;
    t.same(seats.map(({ key }) => key), keys);
    t.ok(since > 0);
    const weights = bonded.map(({ key }) => seats.find((seat) => seat.key === key)!.weight);
    t.same(weights, [10, 11, 12, 16], 'of the bonds; the greatest has less than a third');
  });

  await t.test('the witness of the file is killed, and one of the others: cuts go on', async (t) => {
    const [one, two] = bonded as [Node, Node];
    for (const gone of [first, two]) {
      gone.running.kill('SIGKILL');
      await gone.running.ended;
    }
    for (let i = 0; i < 4; i++) {
      const from = one.running.events.length;
      const cut = await one.running.waitFor(({ event }) => event === 'cut', 120_000, from);
      t.ok((cut.witnesses as string[]).every((key) => keys.includes(key)));
    }
    t.same((await electorateOf(one))!.seats.map(({ key }) => key), keys, 'three are too few');
    const { stdout } = await bench.run(['ledger'], one.home);
    t.match(stdout, /witnesses since cut \d+/);
    for (const key of keys) t.match(stdout, key.slice(0, 8));
  });

  await t.test('who comes later follows the change, to the same root', async (t) => {
    const one = bonded[0]!;
    const joiner = await bench.up(bootstrap, ['--role', 'requester'], homes[5]);
    const known = (await ledgerOf(one))!.epoch!;
    t.ok(await within(200, one, async () => ((await ledgerOf(joiner))?.epoch ?? -1) >= known));
    await sameRoots(t, [one, joiner]);
    t.same(await electorateOf(joiner), await electorateOf(one));
    const { certified } = (await ledgerOf(joiner))!;
    t.ok(certified!.epoch > (await electorateOf(joiner))!.since, 'the new ones vouch for roots');
    const audit = await bench.run(['audit', '--ledger', '--json'], joiner.home);
    const told = audit.events.find(({ event }) => event === 'ledger');
    t.ok(told!.epoch >= known, audit.stderr);
  });
});
