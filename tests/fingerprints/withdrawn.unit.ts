import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { EXECUTOR_CLASS, PROFILE } from '../trust/world.ts';
import { Machines, TRUTH } from './machines.ts';

const profile = toHex(PROFILE);

/** Offers the profile in a class; null: not at all. */
function offer(world: Machines, executor: ReturnType<Machines['executor']>, kind: number | null) {
  world.append(executor, 'artifacts', {
    type: 'capability',
    offerings: kind === null
      ? []
      : [{ profile: PROFILE, name: 'm', price: 1, class: new Uint8Array(32).fill(kind) }],
    slots: 1,
    maxTokens: 1,
    hardware: '',
    at: 0,
  });
}

async function drawn(says: boolean) {
  const world = new Machines({ auditors: 3 });
  const executor = world.executor('executor', { decode: 2 * TRUTH.decode });
  if (!says) { for (const { hex } of world.auditors) world.says.set(hex, () => null); }
  for (let i = 0; i < 20 && world.said('print-duty').length === 0; i++) await world.cut();
  return { world, executor };
}

t.test('who switches its class after the draw is to blame, not its challengers', async (t) => {
  const { world, executor } = await drawn(false);
  t.not(toHex(EXECUTOR_CLASS), '4d'.repeat(32));
  offer(world, executor, 0x4d);
  await world.cut();
  const [none] = world.said('unattested');
  t.match(none, { reason: 'withdrawn', executor: executor.hex });
  t.same(none!.missed, []);
  t.ok(world.prints.view().challengers.every(({ missed }) => missed === 0));
  t.same(world.auditors.flatMap(({ hex }) => world.prints.owedBy(hex)), [], 'at once');
});

t.test('who stops offering until the time is over is to blame as well', async (t) => {
  const { world, executor } = await drawn(false);
  offer(world, executor, null);
  await world.cut();
  t.same(world.said('unattested'), [], 'it may come back');
  await world.pass(4);
  t.match(world.said('unattested'), [{ reason: 'withdrawn', missed: [] }]);
});

t.test('it is too late to switch when most have measured it', async (t) => {
  const { world, executor } = await drawn(true);
  offer(world, executor, 0x4d);
  await world.cut();
  t.equal(world.said('claim-contradicted').length, 1);
  t.same(world.said('unattested'), []);
  await world.cut();
  t.equal(world.prints.attested(executor.hex, profile), null, 'of a class that it has no more');
});
