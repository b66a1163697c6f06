import t from 'tap';
import { randomOf } from '../lib/random.ts';
import { type Mutation, proposerOf } from './cast.ts';
import { Machine, roundOf, type Said } from './machine.ts';
import { Search, type State } from './search.ts';

const four = (bad: number[], mutation: Mutation = 'none') => ({ count: 4, bad, mutation });

t.test('one of four is Byzantine: no order of messages, timeouts and restarts makes two cuts', async (t) => {
  for (const [bad, rounds, epochs] of [[3, 2, 1], [0, 1, 2]] as const) {
    const found = await new Search(four([bad]), { rounds, epochs }).run();
    t.equal(found.split, null);
    t.equal(found.cuts, epochs, 'and some make one');
    t.comment(`witness ${bad}, ${rounds} rounds, ${epochs} epochs: ${JSON.stringify(found)}`);
  }
});

t.test('without one of its rules there are two, and they are found', async (t) => {
  const broken: [Mutation, number[], number][] = [
    ['no lock', [3], 2],
    ['half a quorum', [3], 2],
    ['no memory', [3], 1],
    ['none', [2, 3], 2],
  ];
  for (const [mutation, bad, rounds] of broken) {
    const { split, states } = await new Search(four(bad, mutation), { rounds, epochs: 1 }).run();
    t.not(split, null, `${mutation}, ${bad.length} Byzantine: in state ${states}`);
  }
});

/** What somebody may be shown now: of the honest what they said, of the others anything. */
function message(search: Search, state: State, random: () => number): [number, Said] {
  const { cast, bound, honest } = search;
  const any = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const writer = Math.floor(random() * cast.count);
  const at = honest.indexOf(writer);
  if (at >= 0) return [writer, any(state[at]!.said) ?? ''];
  const epoch = Math.floor(random() * bound.epochs), round = Math.floor(random() * bound.rounds);
  const mine = proposerOf(cast, epoch, round) === writer && random() < 0.3;
  const valid = any(['.', ...Array.from({ length: round }, (_, i) => `${i}`)]);
  if (mine) return [writer, `p${epoch}${round}${any(['A', 'B'])}${valid}`];
  return [writer, `${any(['v', 'c'])}${epoch}${round}${any(['A', 'B', '-'])}`];
}

t.test('what witnesses do that run on and get one message after another is among what is searched', async (t) => {
  let acts = 0;
  for (let seed = 0; seed < 40; seed++) {
    const random = randomOf(seed);
    const epochs = 1 + seed % 2;
    const search = new Search(four([seed % 4]), { rounds: 2, epochs });
    let state: State = search.honest.map(() => search.logs.empty);
    const machines = search.honest.map((key) => new Machine(search.cast, key));
    for (let step = 0; step < 120; step++) {
      const at = Math.floor(random() * machines.length);
      const self = search.honest[at]!;
      if (random() < 0.03) {
        machines[at] = new Machine(search.cast, self);
        for (const said of state[at]!.said) await machines[at].hear(self, said);
      }
      const { voter, view } = machines[at]!;
      const [running] = voter.timeouts;
      if (random() < 0.15 && running !== undefined) voter.expire(view.epoch, running);
      else {
        const [writer, said] = message(search, state, random);
        if (said !== '' && view.epoch < epochs) await machines[at]!.hear(writer, said);
      }
      voter.begin();
      if (!machines[at]!.ready || view.epoch >= epochs) continue;
      for (let act = machines[at]!.next(); act !== null; act = machines[at]!.next()) {
        let said = machines[at]!.say(act);
        if (roundOf(said) > 1) break;
        if (said.includes('?')) said = said.replace('?', random() < 0.5 ? 'A' : 'B');
        const next = search.logs.append(state[at]!, said);
        if (!(await search.acts(state, at)).includes(next)) {
          t.fail(`${said} after ${JSON.stringify(state.map((log) => log.said))}`);
          return;
        }
        acts++;
        state = state.with(at, next);
        await machines[at]!.hear(self, said);
        if (view.epoch >= epochs) break;
      }
    }
  }
  t.ok(acts > 300, `${acts} acts`);
});
