import t from 'tap';
import { CHEAT_B1, CHEAT_MARGINS } from '../audit/fixtures.ts';
import { toHex } from '../../feeds/base/mod.ts';
import { buildEvidence, type Evidence, parseEvidence } from '../../feeds/evidence/mod.ts';
import { gatherEvidence, verifyEvidence } from '../../node/evidence/mod.ts';
import { openStore } from '../proof/cores.ts';
import { drawEvidence, World } from '../trust/world.ts';
import { RealMesh } from './world.ts';

const PEOPLE = ['requester', 'honest', 'cheat'];
const NAMES = [
  ...PEOPLE,
  ...Array.from({ length: 3 }, (_, i) => `witness ${i}`),
  ...Array.from({ length: 7 }, (_, i) => `auditor ${i}`),
];

t.test('evidence', async (t) => {
  const mesh = await RealMesh.of(await openStore(t), NAMES);
  const world = new World({ auditors: 7, seed: 4, notary: mesh });
  const [requester, honest, cheat] = PEOPLE.map((name) => world.party(name));
  await world.pass(3);
  for (let i = 0; i < 6; i++) {
    world.work(requester!, honest!, { evidence: drawEvidence(world.random) });
    const evidence = drawEvidence(world.random, CHEAT_MARGINS, CHEAT_B1);
    world.work(requester!, cheat!, { evidence, finding: 'trigger' });
    if (i % 3 === 2) await world.cut();
  }
  await world.pass(16);
  const logs = await mesh.logs(world);
  const stored = {
    cores: () => Promise.resolve(logs.map(({ key }) => key)),
    head: (key: Uint8Array) => Promise.resolve(logs.find((log) => log.key === key)!.head!),
    async *read(key: Uint8Array) {
      const { blocks } = logs.find((log) => log.key === key)!;
      yield* blocks.map((value, index) => ({ index, value }));
    },
  };
  const gather = (about: string) =>
    gatherEvidence({
      logs: stored,
      network: mesh.file,
      about,
      opening: () => Promise.resolve(null),
      signal: new AbortController().signal,
    });
  t.equal(world.fold.view().cheats.length, 1, 'the mesh has one proven cheat');
  const { text } = await gather(cheat!.hex);
  t.comment(`${text.length} characters`);

  await t.test('proves a cheat to whoever has the file alone', async (t) => {
    const verdict = await verifyEvidence(text);
    t.same(verdict.checks.filter(({ ok }) => !ok), []);
    t.ok(verdict.ok);
    t.equal(verdict.network, toHex(mesh.network));
    const [proven] = world.fold.view().cheats;
    t.equal(verdict.cheat?.executor, cheat!.hex);
    t.equal(verdict.cheat?.epoch, proven!.epoch);
    t.equal(verdict.epoch, proven!.epoch);
    t.match(verdict.establishes.join('\n'), /proven a cheat since cut/);
    t.comment(verdict.establishes.join('\n'), verdict.doesNotEstablish.join('\n'));
  });
});
