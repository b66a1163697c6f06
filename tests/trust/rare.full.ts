import t from 'tap';
import { CHEAT_B1, CHEAT_MARGINS } from '../audit/fixtures.ts';
import { drawEvidence, World } from './world.ts';

t.test('a cheat on one job in twenty is proven within a hundred audits', async (t) => {
  const world = new World({
    auditors: 6,
    seed: 3,
    rules: { auditFloor: 10_000, challengeCuts: 2 },
  });
  const requester = world.party('requester');
  const cheats = Array.from({ length: 20 }, (_, i) => world.party(`cheat ${i}`));
  // One of the auditors says ok to everything and clears whom it can.
  world.manners.set(world.auditors[0]!.hex, {
    says: (verdict) => ({ ...verdict, finding: 'ok', evidence: verdict.evidence.map(() => -1e9) }),
  });
  await world.pass(3);
  for (let i = 0; i < 50; i++) {
    for (const executor of cheats) {
      for (let job = 0; job < 2; job++) {
        const isCheated = world.random() < 0.05;
        const evidence = isCheated
          ? drawEvidence(world.random, CHEAT_MARGINS, CHEAT_B1)
          : drawEvidence(world.random);
        world.work(requester, executor, { evidence, finding: isCheated ? 'trigger' : 'ok' });
      }
    }
    await world.cut();
  }
  await world.pass(20);
  const { cheats: proven } = world.fold.view();
  t.ok(proven.length >= 19, `${proven.length} of 20`);
});
