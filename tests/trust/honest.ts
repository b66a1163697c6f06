import { drawEvidence, World } from './world.ts';

/** Audits of honest executors, all of whose answers are audited, fifty a cut. */
export async function honestAudits(cuts: number, seed: number): Promise<World> {
  const rules = { auditFloor: 10_000, challengeCuts: 2 };
  const world = new World({ auditors: 6, seed, rules });
  const requester = world.party('requester');
  const executors = Array.from({ length: 5 }, (_, i) => world.party(`executor ${i}`));
  await world.pass(3);
  for (let i = 0; i < cuts; i++) {
    for (const executor of executors) {
      for (let job = 0; job < 10; job++) {
        world.work(requester, executor, { evidence: drawEvidence(world.random) });
      }
    }
    await world.cut();
  }
  await world.pass(12);
  return world;
}
