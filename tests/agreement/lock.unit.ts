import t from 'tap';
import type { ProposalRecord, VoteRecord } from '../../feeds/records/mod.ts';
import { cutHash } from '../../feeds/records/mod.ts';
import { keyOf, NETWORK, signAs, World } from './world.ts';

const LIAR = 3;

/** What the Byzantine witness shows to one of the others. */
async function tell(
  world: World,
  to: number,
  round: number,
  cut: Uint8Array | null,
  steps: VoteRecord['step'][] = ['precommit'],
): Promise<void> {
  const from = { network: NETWORK, epoch: 2, round, witness: keyOf(LIAR) };
  for (const step of steps) {
    world.logOf(LIAR, to).push(await signAs<VoteRecord>({ type: 'vote', ...from, step, cut }));
  }
}

/** Everything that the writers have said arrives at a witness, which then does what it must. */
async function hear(world: World, reader: number, writers: number[]): Promise<void> {
  const one = world.honest[reader]!;
  for (const writer of writers) one.arrived[writer] = world.logOf(writer, reader).length;
  await one.work();
}

t.test('who precommitted a cut votes for no other, since one may be certified by that', async (t) => {
  const world = new World(4, 1);
  world.lengths.fill(1);
  t.ok(await world.settle(1, 60));
  world.lengths.fill(2);
  const [a, b, c] = world.honest;
  for (const one of world.honest) {
    one.held = [...world.lengths];
    one.voter.begin();
  }
  t.same(world.honest.map(({ view }) => view.epoch), [2, 2, 2]);

  await c!.work();
  const first = c!.view.tally.proposals(0)[0]!.record;
  for (const reader of [0, 1, 0, 1]) await hear(world, reader, [0, 1, 2]);
  for (const one of [a!, b!]) {
    t.same(
      one.view.tally.voters('precommit', 0, c!.view.tally.proposals(0)[0]!.hash).length > 0,
      true,
    );
  }
  // The third one gets the liar's voice for it, and with it a cut; the others do not learn of it.
  await tell(world, 2, 0, cutHash(first));
  await hear(world, 2, [0, 1, LIAR]);
  t.equal(c!.view.epoch, 3);

  for (const reader of [0, 1]) {
    await tell(world, reader, 0, null);
    await hear(world, reader, [0, 1, LIAR]);
    world.honest[reader]!.voter.expire(2, { step: 'precommit', round: 0 });
    await world.honest[reader]!.work();
    t.equal(world.honest[reader]!.voter.round, 1);
  }
  const other: ProposalRecord = await signAs({
    type: 'proposal',
    network: NETWORK,
    epoch: 2,
    round: 1,
    previous: first.previous,
    heads: [],
    validRound: null,
    seats: null,
    witness: keyOf(LIAR),
  });
  for (const reader of [0, 1]) {
    world.logOf(LIAR, reader).push(other);
    await tell(world, reader, 1, cutHash(other), ['prevote', 'precommit']);
  }
  for (const reader of [0, 1, 0, 1, 0, 1]) await hear(world, reader, [0, 1, LIAR]);
  for (const reader of [0, 1]) {
    const [vote] = world.honest[reader]!.view.tally.votesOf(
      'prevote',
      1,
      Buffer.from(keyOf(reader)).toString('hex'),
    );
    t.equal(vote?.cut, null, 'it stays with what it precommitted');
  }

  t.ok(await world.settle(3, 60), 'and all come to the same cut at last');
  t.same(world.cuts.get(2)!.hash, cutHash(first));
});
