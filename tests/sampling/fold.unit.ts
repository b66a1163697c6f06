import t from 'tap';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import {
  isAsked,
  proofContext,
  proofPositions,
  SamplingFold,
  type SamplingState,
} from '../../feeds/sampling/mod.ts';
import { bytes32, KEY, ProvenWorld, ROOT } from './proven_world.ts';

/** A world with an answer that a beacon has looked at. */
async function answered(
  terms: ConstructorParameters<typeof ProvenWorld>[0] = {},
  how: { topkRoot?: Uint8Array; pq?: number } = { topkRoot: ROOT },
) {
  const world = new ProvenWorld(terms);
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(2);
  const work = world.work(requester, executor, how);
  await world.pass(2);
  return { world, requester, executor, work };
}

t.test('a beacon asks for proofs once the artifact is fixed; what is made is known', async (t) => {
  const { world, executor, work } = await answered();
  const [asked] = world.said('asked');
  t.match(asked?.proof, { subject: { id: work.subject }, asked: true, state: 'open', tq: 0 });
  t.equal(asked!.proof.due, world.epoch + 3);
  t.equal(asked!.proof.topkRoot, toHex(ROOT));
  t.equal(world.sampling.owedBy(executor.hex).length, 1);
  world.proof(work, executor);
  await world.cut();
  t.same(world.sampling.owedBy(executor.hex), []);
  t.match(world.said('made'), [{
    proof: { state: 'made', entry: { place: { cut: world.epoch } } },
  }]);
  await world.pass(4);
  t.same(world.said('missing'), []);
  t.same(world.sampling.counts.get(executor.hex), { asked: 1, made: 1, missing: 0, refuted: 0 });
});

t.test('what does not come in time is missing; what comes late is known all the same', async (t) => {
  const { world, executor, work } = await answered();
  await world.pass(2);
  t.same(world.said('missing'), []);
  await world.cut();
  t.match(world.said('missing'), [{ proof: { subject: { id: work.subject } } }]);
  world.proof(work, executor);
  await world.cut();
  t.equal(world.sampling.get(work.subject)?.state, 'made');
  t.same(world.sampling.counts.get(executor.hex), { asked: 1, made: 1, missing: 1, refuted: 0 });
});

t.test('nothing is asked of what cannot be proven, or beyond the share', async (t) => {
  const topP = await answered({}, { topkRoot: ROOT, pq: 60_000 });
  t.same(topP.world.said('asked'), [], 'with top-p');
  const none = await answered({ share: 0 });
  t.same(none.world.said('asked'), []);
  t.ok(none.world.sampling.get(none.work.subject), 'it may be proven all the same');
  const rootless = await answered({}, {});
  t.equal(rootless.world.said('asked').length, 1, 'nobody gets out of it by keeping nothing');
  t.same(rootless.world.sampling.owedBy(rootless.executor.hex), [], 'and it cannot be made');
  const subjects = Array.from({ length: 2000 }, (_, i) => toHex(bytes32('subject', i)));
  const drawn = subjects.filter((one) => isAsked(bytes32('beacon'), one, 500)).length;
  t.ok(drawn > 60 && drawn < 140, `${drawn} of 2000 at five in a hundred`);
});

t.test('proofs count once, of their author’s answers alone, under the pinned key', async (t) => {
  const { world, executor, requester, work } = await answered();
  world.proof(work, requester);
  world.proof(work, executor, { key: bytes32('other key') });
  world.proof(work, executor, { statement: 'standing' });
  world.proof({ subject: toHex(bytes32('nothing')) }, executor);
  world.proof(work, executor, { network: bytes32('other network') });
  await world.cut();
  t.same(world.codes.sort(), ['proof-key', 'proof-unknown', 'proof-unknown', 'proof-unknown']);
  t.same(world.said('made'), []);
  world.proof(work, executor);
  world.proof(work, executor, { at: 1 });
  await world.cut();
  t.equal(world.said('made').length, 1);
  t.equal(world.codes.at(-1), 'proof-twice');
});

t.test('a wrong proof is refuted by what its executor committed to, and by nothing else', async (t) => {
  const { world, executor, requester, work } = await answered();
  const { record, opening } = world.proof(work, executor, { holds: false });
  await world.cut();
  world.accuse(requester, executor, record, { ...opening, publics: [7n, 9n] });
  world.accuse(requester, executor, { ...record, proof: new Uint8Array(256) }, opening);
  world.accuse(requester, requester, record, opening);
  await world.cut();
  t.same(world.codes, ['accusation-wrong', 'accusation-unknown', 'accusation-unknown']);
  t.same(world.said('refuted'), []);
  world.accuse(requester, executor, record, opening);
  await world.cut();
  t.match(world.said('refuted'), [{
    refuted: { finder: requester.hex, proof: { subject: { id: work.subject }, state: 'refuted' } },
  }]);
  world.accuse(world.auditors[0]!, executor, record, opening);
  await world.cut();
  t.equal(world.said('refuted').length, 1, 'once');
  t.equal(world.codes.at(-1), 'accusation-unknown');
});

t.test('nobody is accused with a proof that holds', async (t) => {
  const { world, executor, requester, work } = await answered();
  const { record, opening } = world.proof(work, executor);
  await world.cut();
  world.accuse(requester, executor, record, opening);
  await world.cut();
  t.same(world.codes, ['accusation-wrong']);
  t.equal(world.sampling.get(work.subject)?.state, 'made');
});

t.test('a proof that holds is checked once, however often it is accused', async (t) => {
  const { world, executor, requester, work } = await answered();
  const { record, opening } = world.proof(work, executor);
  await world.cut();
  for (let i = 0; i < 2; i++) {
    for (const by of [requester, ...world.auditors.slice(0, 2)]) {
      world.accuse(by, executor, record, opening);
    }
    await world.cut();
  }
  t.equal(world.checked, 1);
  t.same(world.codes, Array(6).fill('accusation-wrong'));
  t.match(world.sampling.get(work.subject), { state: 'made', entry: { upheld: true } });
  const never = () => Promise.reject(new Error('it was not to be asked'));
  const again = new SamplingFold({ ...world.proving, check: never }, world.sampling.state());
  world.accuse(requester, executor, record, opening);
  await world.cut();
  const events = await again.takeCut(...world.handed.at(-1)!);
  t.match(events, [{ finding: { code: 'accusation-wrong', detail: /checked before/ } }]);
});

t.test('who accuses wrongly again and again is not listened to in that cut', async (t) => {
  const { world, executor, requester, work } = await answered();
  const { record, opening } = world.proof(work, executor, { holds: false });
  await world.cut();
  for (let i = 0; i < 4; i++) {
    world.accuse(requester, executor, record, { ...opening, publics: [7n, BigInt(i)] });
  }
  world.accuse(requester, executor, record, opening);
  await world.cut();
  t.same(world.codes, [...Array(4).fill('accusation-wrong'), 'accusation-excess']);
  t.equal(world.checked, 0);
  world.accuse(requester, executor, record, opening);
  await world.cut();
  t.equal(world.said('refuted').length, 1, 'the next cut is another chance');
});

t.test('an artifact that stands in the logs twice keeps no others from being forgotten', async (t) => {
  const world = new ProvenWorld();
  const executor = world.party('executor'), requester = world.party('requester');
  await world.pass(2);
  const work = world.work(requester, executor, { topkRoot: ROOT });
  await world.cut();
  const [epoch, known] = world.handed.at(-1)!;
  const first = known.filter(({ record }) => record.type === 'artifact');
  const other = first.map((one) => ({ ...one, bytes: Uint8Array.from([...one.bytes, 0]) }));
  const fold = new SamplingFold(world.proving);
  await fold.takeCut(epoch, first, []);
  await fold.takeCut(epoch + 1, other, []);
  await fold.takeCut(epoch + 10, first, []);
  await fold.takeCut(epoch + 18, [], []);
  t.same([...fold.state().artifacts.keys()], [work.subject]);
});

t.test('it goes on from a state as if it had never stopped, and forgets what is old', async (t) => {
  const { world, executor, requester, work } = await answered();
  const { record, opening } = world.proof(work, executor, { holds: false });
  await world.cut();
  const state = structuredClone(world.sampling.state());
  const again = new SamplingFold(world.proving, state);
  world.accuse(requester, executor, record, opening);
  await world.cut();
  const events = await again.takeCut(...world.handed.at(-1)!);
  t.match(events, [{ type: 'refuted' }]);
  t.same(again.state(), world.sampling.state());
  await world.pass(20);
  t.equal(world.sampling.get(work.subject), null);
  t.same([...world.sampling.state().artifacts], []);
  t.throws(() => new SamplingFold(world.proving, { version: 0 } as SamplingState), {
    code: 'STATE_UNKNOWN',
  });
});

t.test('positions follow from the draw, none twice; the context names answer, network and epoch', (t) => {
  const draw = KEY;
  t.same(proofPositions(draw, 100, 5), proofPositions(draw, 100, 5));
  t.equal(new Set(proofPositions(draw, 100, 5)).size, 5);
  t.equal(proofPositions(draw, 3, 5).length, 3, 'no more than there are tokens');
  t.notSame(proofPositions(draw, 100, 5), proofPositions(toHex(ROOT), 100, 5));
  const network = fromHex(KEY), subject = toHex(ROOT);
  const same = proofContext(network, subject, 4);
  for (
    const other of [
      proofContext(fromHex(subject), subject, 4),
      proofContext(network, KEY, 4),
      proofContext(network, subject, 5),
    ]
  ) t.notSame(other, same);
  t.end();
});
