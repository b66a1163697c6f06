import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { PROFILE } from '../trust/world.ts';
import { Machines, printOf, TRUTH } from './machines.ts';

const profile = toHex(PROFILE);

/** A mesh in which three challengers are drawn and have said nothing yet. */
async function drawn() {
  const world = new Machines({ auditors: 3 });
  for (const { hex } of world.auditors) world.says.set(hex, () => null);
  const executor = world.executor('executor');
  for (let i = 0; i < 10 && world.said('print-duty').length === 0; i++) await world.cut();
  const duties = world.said('print-duty').map(({ duty }) => duty);
  const [a, b, c] = duties.map(({ challenger }) =>
    world.auditors.find(({ hex }) => hex === challenger)!
  );
  return { world, executor, duties, a: a!, b: b!, c: c! };
}

t.test('who copies the figures of another, and its jobs, has measured nothing', async (t) => {
  const { world, executor, duties, a, b, c } = await drawn();
  const jobs = world.probe(a, executor);
  world.attest(a, { ...printOf(duties[0]!, TRUTH), jobs });
  world.attest(b, { ...printOf(duties[1]!, TRUTH), jobs });
  await world.cut();
  t.match(world.prints.owedBy(b.hex), [], 'it has said something');
  world.attest(c, printOf(duties[2]!, TRUTH));
  await world.pass(3);
  t.same(world.codes, ['print-unbacked']);
  const attested = world.prints.attested(executor.hex, profile)!;
  t.same(attested.by, [a.hex, c.hex].sort(), 'two of three');
  const [copier] = world.prints.view().challengers.filter(({ challenger }) => challenger === b.hex);
  t.match(copier, { done: 0, missed: 1 });
});

t.test('one job named many times is one', async (t) => {
  const { world, executor, duties, a } = await drawn();
  const [job] = world.probe(a, executor);
  world.attest(a, { ...printOf(duties[0]!, TRUTH), jobs: Array(20).fill(job) });
  await world.pass(4);
  t.same(world.codes, ['print-unbacked']);
});

t.test('jobs of before the draw, and of another executor, back nothing', async (t) => {
  const world = new Machines({ auditors: 3 });
  for (const { hex } of world.auditors) world.says.set(hex, () => null);
  const executor = world.executor('executor'), other = world.executor('other');
  const old = world.auditors.map((auditor) => world.probe(auditor, executor));
  for (let i = 0; i < 10 && world.said('print-duty').length < 6; i++) await world.cut();
  const duties = world.said('print-duty').map(({ duty }) => duty)
    .filter((duty) => duty.executor === executor.hex);
  for (const duty of duties) {
    const i = world.auditors.findIndex(({ hex }) => hex === duty.challenger);
    const jobs = i === 0 ? world.probe(world.auditors[i]!, other) : old[i]!;
    world.attest(world.auditors[i]!, { ...printOf(duty, TRUTH), jobs });
  }
  await world.pass(4);
  t.same(world.codes, ['print-unbacked', 'print-unbacked', 'print-unbacked']);
  t.equal(world.prints.attested(executor.hex, profile), null);
});

t.test('an executor that takes jobs and answers none is nobody`s missed duty', async (t) => {
  const { world, executor, a, b, c } = await drawn();
  for (const one of [a, b]) world.probe(one, executor, { artifact: false });
  world.probe(c, executor);
  await world.pass(4);
  const [none] = world.said('unattested');
  t.match(none, { reason: 'unanswered', unanswered: [a.hex, b.hex].sort(), missed: [c.hex] });
  const states = world.said('print-duty').slice(-3).map(({ duty }) => duty.state);
  t.same(states.sort(), ['missed', 'stalled', 'stalled']);
  const counts = new Map(
    world.prints.view().challengers.map(({ challenger, ...counts }) => [challenger, counts]),
  );
  t.equal(counts.get(a.hex), undefined, 'neither done nor missed');
  t.match(counts.get(c.hex), { missed: 1 }, 'who was answered has no excuse');
});

t.test('who answers and logs none of it keeps nobody from their duty', async (t) => {
  const { world, executor, duties, a, b, c } = await drawn();
  for (const [i, one] of [a, b, c].entries()) {
    const jobs = world.probe(one, executor, { artifact: false });
    world.attest(one, { ...printOf(duties[i]!, TRUTH), jobs });
  }
  await world.pass(4);
  t.match(world.said('unattested'), [{ reason: 'unanswered', missed: [] }]);
  t.same(world.codes, []);
});

t.test('an answer may come to a cut before what it answers', async (t) => {
  const { world, executor, duties, a, b, c } = await drawn();
  for (const [i, one] of [a, b, c].entries()) world.attest(one, printOf(duties[i]!, TRUTH));
  const late = new Set([a, b, c].map(({ cores }) => toHex(cores.jobs)));
  await world.cut({ lagging: (core) => late.has(core) });
  t.equal(world.prints.attested(executor.hex, profile), null);
  await world.cut();
  t.equal(world.prints.attested(executor.hex, profile)!.by.length, 3);
});
