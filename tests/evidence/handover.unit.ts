import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { SEATS_LAG } from '../../feeds/agreement/mod.ts';
import { buildEvidence, parseEvidence } from '../../feeds/evidence/mod.ts';
import { decodeRecord, recordHash } from '../../feeds/records/mod.ts';
import { verifyEvidence } from '../../node/evidence/mod.ts';
import { openStore } from '../proof/cores.ts';
import { drawEvidence, type Party, World } from '../trust/world.ts';
import { gatherFrom } from './gather.ts';
import { RealMesh } from './world.ts';

const named = (what: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${what} ${i}`);
const PEOPLE = ['requester', 'honest'];
const NAMES = [...PEOPLE, ...named('witness', 3), ...named('auditor', 4)];

t.test('evidence goes on where other witnesses take over', async (t) => {
  const seats = named('seat', 4);
  const mesh = await RealMesh.of(await openStore(t), [...NAMES, ...seats]);
  const world = new World({ auditors: 4, seed: 4, notary: mesh });
  const [requester, honest] = PEOPLE.map((name) => world.party(name)) as [Party, Party];
  const to = seats.map((name) => world.party(name));
  await world.pass(2);
  const before = world.work(requester, honest, { evidence: drawEvidence(world.random) });
  await world.pass(2);
  const epoch = world.epoch + 1;
  mesh.handover = { epoch, to };
  await world.pass(SEATS_LAG + 1);
  const after = world.work(requester, honest, { evidence: drawEvidence(world.random) });
  await world.pass(3);
  const logs = await mesh.logs(world);
  const { text } = await gatherFrom(mesh, logs, honest.hex);
  const whole = await verifyEvidence(text);
  t.same(whole.checks.filter(({ ok }) => !ok), []);
  t.ok(whole.ok);
  t.equal(whole.epoch, world.epoch, 'up to the newest cut');
  t.match(whole.audits, [{ job: toHex(before.job) }]);
  const known = parseEvidence(text).logs.flatMap(({ blocks }) => blocks);
  t.ok(known.some((block) => toHex(recordHash(block)) === after.subject), 'and the answer after');

  const without = (names: readonly string[]) => {
    const copy = parseEvidence(text);
    const cores = names.map((name) => toHex(mesh.coresOf(name).attestations));
    for (const log of copy.logs) {
      if (!cores.includes(toHex(log.key))) continue;
      log.blocks = log.blocks.filter((block) => decodeRecord(block).type !== 'vote');
    }
    return verifyEvidence(buildEvidence(copy));
  };
  t.notOk((await without(seats.slice(0, 2))).ok, 'half of the new ones certify nothing');
  t.notOk((await without(['witness 0'])).ok, 'nor do two of three of the old ones before');
});
