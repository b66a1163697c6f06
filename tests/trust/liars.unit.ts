import t from 'tap';
import { CHEAT_B1, CHEAT_MARGINS } from '../audit/fixtures.ts';
import { toHex } from '../../feeds/base/mod.ts';
import { bytes32, drawEvidence, EMPTY, type Manners, World } from './world.ts';

const HUGE = 2 ** 44;

/**
 * A mesh with one executor that cheats on every job and one that does not, and one auditor that
 * behaves in another manner than the rest.
 */
async function meshWith(
  manners: (world: World) => Manners,
  { jobs = 10, auditors = 7 } = {},
): Promise<World> {
  const world = new World({ auditors, seed: 4 });
  const requester = world.party('requester');
  const honest = world.party('honest'), cheat = world.party('cheat');
  world.manners.set(world.auditors[0]!.hex, manners(world));
  await world.pass(3);
  for (let i = 0; i < jobs; i++) {
    world.work(requester, honest, { evidence: drawEvidence(world.random) });
    const evidence = drawEvidence(world.random, CHEAT_MARGINS, CHEAT_B1);
    world.work(requester, cheat, { evidence, finding: 'trigger' });
    if (i % 2 === 1) await world.cut();
  }
  await world.pass(24);
  return world;
}

/** What holds whatever the one does: the cheat is proven, nobody else is. */
function outcomes(world: World): { cheats: string[]; honest: string[] } {
  const { cheats } = world.fold.view();
  const honest = world.of('closed')
    .filter(({ subject }) => subject.executor === toHex(bytes32('honest')))
    .map(({ outcome }) => outcome);
  return { cheats: cheats.map(({ executor }) => executor), honest };
}

const CHEAT = toHex(bytes32('cheat'));

t.test('all are honest: the cheat is proven, its subjects are named, the honest one is clear', async (t) => {
  const world = await meshWith(() => ({}));
  t.same(outcomes(world), { cheats: [CHEAT], honest: new Array(10).fill('ok') });
  const [proven] = world.fold.view().cheats;
  t.ok(proven!.log >= proven!.limit && proven!.subjects.length > 0);
  t.ok(proven!.subjects.every((id) => world.works.get(id)!.finding === 'trigger'));
  t.equal(world.of('auditor').length, 0, 'no auditor is at fault');
});

t.test('always ok', async (t) => {
  const world = await meshWith(() => ({
    says: (honest) => ({ ...honest, finding: 'ok', evidence: honest.evidence.map(() => -HUGE) }),
  }));
  t.same(outcomes(world), { cheats: [CHEAT], honest: new Array(10).fill('ok') });
  const faults = world.of('auditor').filter(({ fault }) => fault === 'finding');
  t.ok(faults.length > 0 && faults.every(({ auditor }) => auditor === world.auditors[0]!.hex));
});

t.test('always fraud, with the largest evidence there is', async (t) => {
  const world = await meshWith(() => ({
    says: (honest) => ({ ...honest, finding: 'fraud', evidence: honest.evidence.map(() => HUGE) }),
  }));
  t.same(outcomes(world), { cheats: [CHEAT], honest: new Array(10).fill('ok') });
  t.ok(world.of('panel').length > 10, 'each such claim draws a panel');
  const [liar] = world.fold.view().auditors.filter(({ auditor }) =>
    auditor === world.auditors[0]!.hex
  );
  t.ok(liar!.against > 0);
});

t.test('copies the commitments of others', async (t) => {
  const world = await meshWith((world) => ({
    value: ({ subject, auditor }) => {
      const other = world.fold.dutiesOf(subject.id).find((duty) => duty.auditor !== auditor)!;
      const place = other.commit;
      const bytes = place && world.logs.get(place.core)!.blocks[place.index];
      return bytes?.slice(66, 98) ?? null;
    },
  }));
  t.same(outcomes(world).cheats, [CHEAT]);
  t.ok(outcomes(world).honest.every((outcome) => outcome === 'ok'));
});

t.test('a panel that takes over the salts of the first round discredits itself alone', async (t) => {
  const world = new World({ auditors: 8, seed: 4 });
  const requester = world.party('requester'), executor = world.party('executor');
  const salts = new Map<string, Uint8Array>();
  const liars = world.auditors.slice(4).map(({ hex }) => hex);
  for (const { hex } of world.auditors) {
    const isLiar = liars.includes(hex);
    world.manners.set(hex, {
      says: (honest, { panel, subject: { id } }) => {
        if (!isLiar && !panel) salts.set(id, honest.salt);
        if (!isLiar) return honest;
        return panel ? { ...honest, salt: salts.get(id) ?? honest.salt } : {
          ...honest,
          finding: 'trigger',
        };
      },
    });
  }
  await world.pass(3);
  for (let i = 0; i < 20; i++) world.work(requester, executor);
  await world.pass(20);
  const copied = world.of('auditor').filter(({ fault }) => fault === 'copied');
  t.ok(copied.length > 0 && copied.every(({ auditor }) => liars.includes(auditor)));
});

t.test('two of one round with one salt have both told it', async (t) => {
  const salt = bytes32('shared');
  const world = new World({ auditors: 2, seed: 4 });
  for (const { hex } of world.auditors) {
    world.manners.set(hex, { says: (honest) => ({ ...honest, salt }) });
  }
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  world.work(requester, executor);
  await world.pass(10);
  const copied = world.of('auditor').filter(({ fault }) => fault === 'copied');
  t.same(copied.map(({ auditor }) => auditor).sort(), world.auditors.map(({ hex }) => hex).sort());
});

t.test('never reveals', async (t) => {
  const world = await meshWith(() => ({ reveals: false }));
  t.same(outcomes(world), { cheats: [CHEAT], honest: new Array(10).fill('ok') });
  const silent = world.fold.view().auditors.find(({ auditor }) =>
    auditor === world.auditors[0]!.hex
  );
  t.ok(silent!.missed > 0 && silent!.done === 0);
});

t.test('never reveals, where there are no more than two others', async (t) => {
  const world = await meshWith(() => ({ reveals: false }), { auditors: 3 });
  t.same(outcomes(world), { cheats: [CHEAT], honest: new Array(10).fill('ok') });
});

t.test('speaks only where it can accuse', async (t) => {
  const world = await meshWith(() => ({
    says: (honest, _duty, { evidence }) =>
      evidence.some((log) => log > 0) ? { ...honest, finding: 'trigger' } : null,
  }));
  t.same(outcomes(world), { cheats: [CHEAT], honest: new Array(10).fill('ok') });
});

t.test('clears its friend and no one else', async (t) => {
  const world = await meshWith(() => ({
    says: (honest, { subject }) =>
      subject.executor === CHEAT
        ? { ...honest, finding: 'ok', evidence: honest.evidence.map(() => -HUGE) }
        : honest,
  }));
  t.same(outcomes(world), { cheats: [CHEAT], honest: new Array(10).fill('ok') });
});

t.test('does not read: its readings show it', async (t) => {
  const world = await meshWith(() => ({
    says: (honest, { subject }) => ({
      ...honest,
      finding: 'ok',
      readings: honest.readings.map((reading) => ({
        ...reading,
        byte: bytes32('guess', subject.id, reading.position)[0]!,
      })),
    }),
  }));
  t.same(outcomes(world).cheats, [CHEAT]);
  t.ok(outcomes(world).honest.every((outcome) => outcome === 'ok'));
  const faults = world.of('auditor').filter(({ fault }) => fault === 'readings');
  t.ok(faults.length > 0 && faults.every(({ auditor }) => auditor === world.auditors[0]!.hex));
  t.ok(world.of('panel').some(({ why }) => why === 'disagreement'));
});

t.test('reads other positions than those that were drawn', async (t) => {
  const world = await meshWith(() => ({
    says: (honest) => ({ ...honest, finding: 'ok', readings: honest.readings.slice(1) }),
  }));
  t.same(outcomes(world).cheats, [CHEAT]);
  t.ok(world.of('finding').some(({ finding }) => finding.code === 'readings'));
});

t.test('makes its evidence with a calibration of its own', async (t) => {
  const world = await meshWith(() => ({
    says: (honest) => ({
      ...honest,
      calibration: bytes32('mine'),
      evidence: honest.evidence.map(() => HUGE),
    }),
  }));
  t.same(outcomes(world), { cheats: [CHEAT], honest: new Array(10).fill('ok') });
  t.ok(world.of('finding').some(({ finding }) => finding.code === 'evidence'));
});

/** A cheat before few auditors, two of whom have those manners: its panels are filled up with earlier ones. */
async function fewWith(manners: Manners): Promise<World> {
  const world = new World({ auditors: 5, seed: 9 });
  const requester = world.party('requester'), cheat = world.party('cheat');
  for (const { hex } of world.auditors.slice(0, 2)) world.manners.set(hex, manners);
  await world.pass(3);
  for (let i = 0; i < 30; i++) {
    const evidence = drawEvidence(world.random, CHEAT_MARGINS, CHEAT_B1);
    world.work(requester, cheat, { evidence, finding: 'trigger' });
    if (i % 2 === 1) await world.cut();
  }
  await world.pass(24);
  return world;
}

t.test('who says that it could not tell, and shows nothing, mutes no more than who is silent', async (t) => {
  const empty = await fewWith(EMPTY);
  const silent = await fewWith({ reveals: false });
  const suspect = ({ fold }: World) => fold.executor(CHEAT)!.suspect;
  t.same(outcomes(empty).cheats, [CHEAT]);
  t.ok(suspect(silent) > 0 && suspect(empty) >= suspect(silent), `${suspect(empty)}`);
  t.same(outcomes(silent).cheats, [CHEAT]);
  const empties = empty.auditors.slice(0, 2).map(({ hex }) => hex);
  const panels = empty.of('panel').map(({ subject, auditors }) => {
    const drawn = empty.of('duty').filter(({ duty }) => duty.panel && duty.subject.id === subject)
      .map(({ duty }) => duty.auditor);
    return auditors.filter((auditor) => !drawn.includes(auditor));
  });
  t.ok(panels.some((again) => again.length > 0), 'panels are filled up');
  t.notOk(panels.flat().some((auditor) => empties.includes(auditor)), 'but not with those');
});
