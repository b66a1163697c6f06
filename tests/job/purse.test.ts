import t from 'tap';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { attemptCost } from '../../feeds/ledger/mod.ts';
import type { Purse, Spending } from '../../node/job/mod.ts';
import { collect, request, World } from './world.ts';

const rules = { settleMs: 100, cancelMs: 100, stopMs: 100, pauseMs: 30 };
const costs = { prompt: 500, output: 1000 };

/** What was set aside and settled; reserves as long as it says so. */
function purse(pays: (spending: Spending) => boolean, code = 'NCU_SHORT') {
  const reserved: Spending[] = [], settled: { attempt: number; cost: number }[] = [];
  const refuse = (spending: Spending) =>
    pays(spending) ? null : new NexusError(code, 'not enough', { stage: 'offer' });
  const purse: Purse = {
    refuse,
    reserve: (spending) => {
      const refusal = refuse(spending);
      if (refusal === null) reserved.push(spending);
      return refusal;
    },
    settle: (_job, attempt, cost) => settled.push({ attempt, cost }),
  };
  return { purse, reserved, settled };
}

t.test('both ends set the most aside, and what it came to by the profile’s costs', async (t) => {
  const theirs = purse(() => true), ours = purse(() => true);
  const world = await World.make({ rules, purse: theirs.purse });
  world.executors[0]!.served = { costs };
  const { deps } = await world.requester();
  const { done } = await collect(request({ costs }), { ...deps, purse: ours.purse });
  await world.close();
  const [artifact] = world.executors[0]!.log.of('artifact');
  const cost = attemptCost(2, costs, done.promptTokens, done.outputTokens);
  t.equal(artifact!.ncu, cost);
  t.ok(cost > 2 * done.outputTokens, 'the prompt costs too');
  t.equal(done.ncu, cost);
  for (const { reserved, settled } of [theirs, ours]) {
    t.match(reserved, [{ attempt: 0, priceCap: 10, promptTokens: 5, resumeAt: 0, maxTokens: 64 }]);
    t.equal(toHex(reserved[0]!.requester), toHex(deps.signer.publicKey));
    t.same(settled, [{ attempt: 0, cost }]);
  }
});

t.test('what cannot be paid is refused before any work', async (t) => {
  const ours = purse(() => false);
  const world = await World.make({ rules });
  const { deps, log } = await world.requester();
  await t.rejects(collect(request({ costs }), { ...deps, purse: ours.purse }), {
    code: 'NCU_SHORT',
  });
  t.same(log.records, [], 'nothing is logged');
  t.same(world.executors[0]!.events, [], 'nobody was asked');
  await world.close();
});

t.test('an executor refuses whom its ledger does not trust to pay; the next one is asked', async (t) => {
  const theirs = purse(() => false, 'UNFUNDED');
  const world = await World.make({ rules, purse: theirs.purse });
  const { deps } = await world.requester();
  await t.rejects(collect(request({ costs }), deps), {
    code: 'NOBODY_REACHABLE',
    message: /UNFUNDED, not enough/,
  });
  t.match(world.executors[0]!.events, [{ type: 'refused', error: { code: 'UNFUNDED' } }]);
  t.equal(world.executors[0]!.server.load(request().profile)!.active, 0, 'its slot is free');
  await world.close();
});

t.test('a failover is paid for its own part, and a refusal costs nothing', async (t) => {
  const ours = purse(() => true);
  const world = await World.make({ rules, executors: 3 });
  const [refusing, failing, last] = world.executors;
  refusing!.served = { price: 11 };
  failing!.engine.step = (position) => {
    if (position >= 20) failing!.sever();
  };
  for (const executor of world.executors) executor.served = { ...executor.served, costs };
  const { deps } = await world.requester();
  const { done } = await collect(request({ costs }), { ...deps, purse: ours.purse });
  await world.close();
  t.match(done, { finish: 'end', outputTokens: 40 });
  t.same(ours.reserved.map(({ attempt }) => attempt), [0, 1, 2]);
  t.equal(ours.settled[0]!.cost, 0, 'it would not do it for that price');
  t.equal(ours.reserved[2]!.resumeAt, last!.log.of('artifact')[0]!.resumeAt);
  t.equal(ours.settled[2]!.cost, last!.log.of('artifact')[0]!.ncu);
  t.equal(done.ncu, ours.settled.reduce((sum, { cost }) => sum + cost, 0));
});
