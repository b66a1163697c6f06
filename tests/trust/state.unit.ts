import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import type { CanaryRevealRecord } from '../../feeds/records/mod.ts';
import { canaryPlan, type TrustEvent, TrustFold, type TrustState } from '../../feeds/trust/mod.ts';
import { CHEAT_B1, CHEAT_MARGINS } from '../audit/fixtures.ts';
import { bytes32, drawEvidence, NETWORK, World } from './world.ts';

/** Everything at random: who works, who lies, who is silent, which logs and reveals are missing. */
async function history(seed: number, cuts: number): Promise<World> {
  const rules = { challengeCuts: 5, auditRamp: 2, auditFloor: 3000, commitCuts: 2 };
  const world = new World({ auditors: 7, seed, rules });
  const { random } = world;
  const chance = (share: number) => random() < share;
  const parties = ['a', 'b', 'c', 'd'].map((name) => world.party(name));
  // What an executor logs too late is audited by another entry, of which auditors here know nothing.
  const punctual = new Set(parties.map(({ cores }) => toHex(cores.artifacts)));
  for (const party of parties) if (chance(0.25)) world.silent.add(party.hex);
  for (const { hex } of world.auditors) {
    const luck = random();
    if (luck < 0.2) world.manners.set(hex, { requests: false });
    else if (luck < 0.35) world.manners.set(hex, { reveals: false });
    else if (luck < 0.5) {
      world.manners.set(hex, { says: (said) => ({ ...said, finding: 'fraud', readings: [] }) });
    }
  }
  for (let epoch = 0; epoch < cuts; epoch++) {
    for (let n = Math.floor(3 * random()); n > 0; n--) {
      const [requester, executor] = [0, 0].map(() => parties[Math.floor(4 * random())]!);
      const kept = chance(0.7) ? {} : chance(0.5) ? { artifact: false } : { settle: false };
      if (executor !== parties[0]) world.work(requester!, executor!, kept);
      else {
        const evidence = drawEvidence(random, CHEAT_MARGINS, CHEAT_B1);
        world.work(requester!, executor!, { ...kept, finding: 'trigger', evidence });
      }
    }
    if (chance(0.1)) world.auditor(`late ${epoch}`);
    if (chance(0.2)) plan(world, epoch);
    await world.cut({
      lagging: (core) => !punctual.has(core) && chance(0.15),
      reveals: () => chance(0.95),
    });
  }
  return world;
}

/** A witness's plan, and what opens it later: of jobs that nobody audits. */
function plan(world: World, epoch: number): void {
  const [author] = world.witnesses as [typeof world.witnesses[0]];
  const planted = [{ job: bytes32('planted', epoch), attempt: 0, honest: true }];
  const salt = bytes32('plan', epoch);
  const record: CanaryRevealRecord = {
    type: 'canaryReveal',
    network: NETWORK,
    commit: 0,
    planted,
    salt,
  };
  const commit = world.append(author, 'attestations', {
    type: 'canary',
    network: NETWORK,
    plan: canaryPlan(author.key, record),
    at: 0,
  });
  world.append(author, 'attestations', { ...record, commit });
}

/** As a file keeps it. */
const kept = (state: TrustState): TrustState => deserialize(serialize(state));

t.test('a fold that goes on from its state concludes what the uninterrupted one does', async (t) => {
  const seen = new Set<TrustEvent['type']>();
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.array(fc.boolean(), { minLength: 30 }),
      async (seed, stops) => {
        const world = await history(seed, 30);
        let fold = new TrustFold(world.options);
        const events: TrustEvent[] = [];
        for (const [i, { cut, entries }] of world.cuts.entries()) {
          events.push(...await fold.takeCut(cut, entries));
          if (stops[i] === true) fold = TrustFold.restore(world.options, kept(fold.state()));
        }
        for (const { type } of events) seen.add(type);
        t.equal(JSON.stringify(events), JSON.stringify(world.events));
        t.equal(toHex(fold.digest), toHex(world.fold.digest));
        t.same(fold.view(), world.fold.view());
      },
    ),
    { numRuns: 6, examples: [1, 2, 3, 4].map((seed) => [seed, Array<boolean>(30).fill(true)]) },
  );
  for (const type of ['panel', 'closed', 'evidence', 'auditor', 'finding'] as const) {
    t.ok(seen.has(type), `some history has ${type}`);
  }
});

t.test('a state is apart from its fold, and may be used twice', async (t) => {
  const world = await history(7, 30);
  const fold = new TrustFold(world.options);
  const take = async (of: TrustFold, from: number, to: number) => {
    for (const { cut, entries } of world.cuts.slice(from, to)) await of.takeCut(cut, entries);
  };
  await take(fold, 0, 15);
  const state = fold.state(), before = serialize(state);
  await take(fold, 15, 30);
  t.same(serialize(state), before, 'what the fold does later does not reach it');
  for (let i = 0; i < 2; i++) {
    const later = TrustFold.restore(world.options, state);
    await take(later, 15, 30);
    t.equal(toHex(later.digest), toHex(fold.digest));
  }
});

t.test('a state of another version is refused', (t) => {
  const world = new World();
  const state = { ...world.fold.state(), version: 0 };
  t.throws(() => TrustFold.restore(world.options, state), { code: 'STATE_UNKNOWN' });
  t.end();
});

t.test('a state is bounded by the window, not by how many cuts there were', async (t) => {
  const sizes: number[] = [];
  for (const cuts of [30, 60, 120]) {
    const world = await history(3, cuts);
    const { missedReveals: _, executors, auditors: _2, ...rest } = world.fold.state();
    sizes.push(serialize(rest).length);
    t.ok(executors.length <= 4);
  }
  t.ok(sizes[2]! < 2 * sizes[0]!, sizes.join(' '));
});
