import fc from 'fast-check';
import t from 'tap';
import { lie } from './lie.ts';
import { cutsOf, keyOf, World } from './world.ts';

/** Something happens; the numbers say to whom and how much, each modulo what there is. */
const event = fc.record({
  kind: fc.constantFrom(
    'deliver',
    'deliver',
    'deliver',
    'timeout',
    'begin',
    'restart',
    'save',
    'resume',
    'grow',
    'hold',
    'lie',
    'lie',
  ),
  who: fc.nat(6),
  from: fc.nat(6),
  much: fc.nat(7),
  other: fc.nat(11),
});
type Happening = typeof event extends fc.Arbitrary<infer E> ? E : never;

async function happen(world: World, { kind, who, from, much, other }: Happening): Promise<void> {
  const one = world.honest[who % world.honest.length]!;
  const core = other % world.lengths.length;
  switch (kind) {
    case 'deliver': {
      const writer = from % world.all.length;
      const length = world.logOf(writer, one.index).length;
      one.arrived[writer] = Math.min(length, one.arrived[writer]! + 1 + much);
      break;
    }
    case 'timeout': {
      const { timeouts } = one.voter;
      if (timeouts.length > 0) one.voter.expire(one.view.epoch, timeouts[much % timeouts.length]!);
      break;
    }
    case 'begin':
      one.voter.begin();
      break;
    case 'restart':
      one.restart();
      break;
    case 'save':
      one.save();
      break;
    case 'resume':
      one.resume();
      break;
    case 'grow':
      world.lengths[core]! += 1 + much;
      break;
    case 'hold':
      one.held[core] = world.lengths[core]!;
      break;
    case 'lie':
      if (world.bad > 0) await lie(world, one.index, from, much, other);
      break;
  }
  await one.work();
}

/** Of six, two Byzantine, always four are the witnesses, one of them Byzantine: first these, then those. */
function changing(): World {
  const world = new World(6, 2, [], [0, 1, 2, 4]);
  const seats = [1, 2, 3, 5].map((i) => ({ key: keyOf(i), weight: 1 }));
  world.seatsAfter = () => seats;
  // One of them only ever learns it from the votes of others.
  world.folds = (witness) => witness !== 1;
  return world;
}

const WORLDS = [
  ['1 witness', () => new World(1, 0), 12, 1],
  ['4 witnesses', () => new World(4, 0), 20, 1],
  ['4 witnesses, 1 Byzantine', () => new World(4, 1), 20, 1],
  ['7 witnesses, 2 Byzantine', () => new World(7, 2), 12, 1],
  ['4 witnesses, 1 Byzantine, and then others', changing, 12, 5],
] as const;

for (const [who, make, runs, further] of WORLDS) {
  t.test(`${who}: one cut an epoch, and a next one at last`, async (t) => {
    let most = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 50, maxLength: 150 }), async (events) => {
        const world = make();
        world.lengths.fill(1);
        for (const one of events) await happen(world, one);
        let epoch = Math.max(...world.honest.map(({ view }) => view.epoch));
        for (const last = epoch + further; epoch <= last; epoch++) {
          if (!await world.settle(epoch, 60)) throw new Error(`no cut of epoch ${epoch}`);
        }
        most = Math.max(most, world.cuts.size);
        const orders = [world.all, [...world.all].reverse()];
        for (const order of orders) {
          const { cuts } = await cutsOf(world, order);
          for (const cut of cuts) world.certified(cut);
        }
        const stated = [...world.cuts.values()].find(({ seats }) => seats !== null);
        if (further > 1 && stated === undefined) {
          throw new Error('its witnesses are the first ones');
        }
        for (const { seats } of world.cuts.values()) {
          if (seats?.length === 1) throw new Error('seats that a liar made up');
        }
      }),
      { numRuns: runs, endOnFailure: true },
    );
    t.ok(most >= 2);
  });
}
