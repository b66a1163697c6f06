import fc from 'fast-check';
import t from 'tap';
import { equivocationRecord } from '../../feeds/ledger/mod.ts';
import { NETWORK, type Party } from '../trust/world.ts';
import { Economy, imbalance, NCU } from './economy.ts';
import { history, Writer } from './histories.ts';

const GRANT = NCU;
const SIGNED = new Uint8Array(64).fill(1);
const writer = await Writer.of(5);

/** A requester whose jobs log is a real core, so that heads that its owner signed prove something. */
function forker(world: Economy): Party {
  const name = 'forker', { notary } = world;
  const key = notary.keyOf(name), cores = { ...notary.coresOf(name), jobs: writer.key };
  const party: Party = { name, key, hex: Buffer.from(key).toString('hex'), cores };
  for (const log of ['jobs', 'artifacts', 'attestations'] as const) {
    const more = { box: new Uint8Array(32), account: null, signature: SIGNED };
    world.append(party, log, { type: 'identity', publicKey: key, ...cores, ...more });
  }
  return party;
}

interface Spending {
  /** Answers, and tokens of each. */
  jobs: number;
  tokens: number;
}

/**
 * One money, two histories of one length: this reader's cut covers one of them. Both executors have
 * worked, and logged it.
 * @param covered 0 or 1
 */
async function reader(covered: number, spent: readonly [Spending, Spending]) {
  const world = new Economy({ ledger: { grant: GRANT, settleCuts: 4 } });
  const requester = forker(world);
  const executors = [world.party('one'), world.party('other')];
  await world.pass(3);
  world.bond(requester, GRANT / 4);
  await world.cut();
  const before = world.account(requester).available;
  // The same jobs, offered to another one in the history that is not covered.
  const hidden = new Economy();
  for (const [of, { jobs, tokens }] of spent.entries()) {
    for (let i = 0; i < jobs; i++) {
      if (of === covered) world.deal(requester, executors[of]!, { tokens });
      else {
        const { artifact } = hidden.deal(requester, executors[of]!, { tokens });
        world.append(executors[of]!, 'artifacts', artifact);
      }
    }
  }
  await world.cut();
  return { world, requester, executors, before };
}

const spending = fc.record({ jobs: fc.integer({ min: 1, max: 6 }), tokens: fc.constant(120) });

t.test('of two histories of a jobs log only what the cut covers spends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(spending, spending), fc.nat(1), async (spent, covered) => {
      const { world, requester, executors, before } = await reader(covered, spent);
      const paid = world.said('payment').map(({ payment }) => payment);
      const isOwn = paid.every(({ executor }) => executor === executors[covered]!.hex);
      const gross = paid.reduce((sum, { gross }) => sum + gross, 0);
      await world.pass(14);
      const hidden = world.account(executors[1 - covered]!);
      return isOwn && paid.length > 0 && gross <= before &&
        world.account(requester).available >= 0 &&
        hidden.earned === 0 && hidden.pending === 0 && hidden.available <= GRANT &&
        imbalance(world.ledger.view().totals) === 0n;
    }),
    { numRuns: 20, examples: [[[{ jobs: 6, tokens: 120 }, { jobs: 6, tokens: 120 }], 0]] },
  );
});

t.test('all who hold the cut have one root, and the fork costs its author everything', async (t) => {
  const spent = [{ jobs: 3, tokens: 120 }, { jobs: 3, tokens: 120 }] as const;
  const { world, requester, executors } = await reader(0, [...spent]);
  const twin = await reader(0, [...spent]);
  t.same(world.ledger.root, twin.world.ledger.root);
  const length = 1 + 2 * spent[0].jobs;
  const [first, second] = await Promise.all([history(length), history(length, 2)].map(
    async (blocks) => ({ head: await writer.head(blocks), prefix: null }),
  ));
  const evidence = { proof: 'heads' as const, first: first!, second: second! };
  const proof = equivocationRecord(NETWORK, requester.key, evidence, 0);
  const paid = world.account(executors[0]!).pending;
  t.ok(paid > 0);
  world.append(executors[1]!, 'attestations', proof);
  await world.cut();
  t.match(world.said('slash'), [{
    slash: { offender: requester.hex, cause: 'equivocation', amount: GRANT / 4 },
  }]);
  t.match(world.account(requester), { bonded: 0, status: 'banned' });
  t.equal(world.account(executors[0]!).pending, paid, 'who was covered keeps what it earned');
  world.deal(requester, executors[1]!);
  await world.cut();
  t.ok(world.codes.includes('job-banned'), 'it spends no more');
  t.equal(imbalance(world.ledger.view().totals), 0n);
});
