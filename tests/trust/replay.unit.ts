import fc from 'fast-check';
import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { type TrustEntry, TrustFold } from '../../feeds/trust/mod.ts';
import { CHEAT_B1, CHEAT_MARGINS } from '../audit/fixtures.ts';
import { drawEvidence, World } from './world.ts';

/** Some of everything: a cheat, liars, keys withheld, logs that lag. */
async function history(): Promise<World> {
  const world = new World({ auditors: 7, seed: 8, rules: { challengeCuts: 6 } });
  const requester = world.party('requester'), silent = world.party('silent');
  const mute = world.party('mute');
  const honest = world.party('honest'), cheat = world.party('cheat');
  world.silent.add(silent.hex).add(mute.hex);
  world.manners.set(world.auditors[0]!.hex, { reveals: false });
  world.manners.set(world.auditors[1]!.hex, {
    says: (verdict) => ({ ...verdict, finding: 'fraud', readings: [] }),
  });
  await world.pass(3);
  let n = 0;
  for (let i = 0; i < 4; i++) {
    world.work(requester, honest);
    world.work(mute, silent);
    const evidence = drawEvidence(world.random, CHEAT_MARGINS, CHEAT_B1);
    world.work(requester, cheat, { finding: 'trigger', evidence });
    await world.cut({ lagging: () => n++ % 11 === 0 });
  }
  await world.pass(20);
  return world;
}

async function digestsOf(
  { options, cuts }: World,
  change: (entries: TrustEntry[], epoch: number) => TrustEntry[],
): Promise<string[]> {
  const fold = new TrustFold(options), digests: string[] = [];
  for (const { cut, entries } of cuts) {
    await fold.takeCut({ ...cut, spans: [...cut.spans].reverse() }, change(entries, cut.epoch));
    digests.push(toHex(fold.digest));
  }
  return digests;
}

t.test('the same cuts and entries, handed in in any order, give the same digests', async (t) => {
  const world = await history();
  const outcomes = new Set(world.of('closed').map(({ outcome }) => outcome));
  t.ok(outcomes.has('ok') && outcomes.has('suspect') && outcomes.has('withheld'));
  t.equal(world.fold.view().cheats.length, 1);
  const plain = await digestsOf(world, (entries) => entries);
  t.equal(plain.at(-1), world.fold.view().digest);
  const longest = Math.max(...world.cuts.map(({ entries }) => entries.length));
  const order = fc.shuffledSubarray([...Array(longest).keys()], { minLength: longest });
  await fc.assert(
    fc.asyncProperty(order, async (order) => {
      const shuffled = await digestsOf(world, (entries) => order.flatMap((i) => entries[i] ?? []));
      t.strictSame(shuffled, plain);
    }),
    { numRuns: 4 },
  );
  let changed = false;
  const other = await digestsOf(world, (entries, epoch) =>
    entries.map((entry) => {
      // One bit of the nonce of a beacon's reveal, say: any block will do that counts.
      if (changed || epoch < 5 || entry.bytes[1] !== 10) return entry;
      changed = true;
      const bytes = entry.bytes.slice();
      bytes[bytes.length - 1]! ^= 1;
      return { ...entry, bytes };
    }));
  t.ok(changed);
  t.notSame(other.at(-1), plain.at(-1));
});

t.test('a cut is refused whole if it is not the next one or lacks a block', async (t) => {
  const world = await history();
  const fold = new TrustFold(world.options), again = new TrustFold(world.options);
  const [first, second] = world.cuts as [typeof world.cuts[0], typeof world.cuts[0]];
  await t.rejects(fold.takeCut(second!.cut, second!.entries), { code: 'TRUST_WRONG_CUT' });
  await t.rejects(fold.takeCut(first!.cut, first!.entries.slice(1)), { code: 'TRUST_ENTRIES' });
  t.equal(fold.epoch, null);
  await fold.takeCut(first!.cut, first!.entries);
  await again.takeCut(first!.cut, first!.entries);
  t.same(fold.digest, again.digest, 'what was refused has left no trace');
  await t.rejects(fold.takeCut(first!.cut, first!.entries), { code: 'TRUST_WRONG_CUT' });
});

t.test('what is over is forgotten after the challenge window', async (t) => {
  const world = await history();
  t.ok(world.of('duty').length > 0);
  t.same(world.fold.view().duties, []);
  t.equal(world.fold.dutiesOf(world.of('closed')[0]!.subject.id).length, 0);
  t.ok(world.fold.view().executors.length > 0, 'the records stay');
});
