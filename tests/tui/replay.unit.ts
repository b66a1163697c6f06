import t from 'tap';
import fc from 'fast-check';
import { advance, newPlayer, Recording, steer } from '../../tui/replay/mod.ts';
import { emptyState, stateJson, step } from '../../tui/state/mod.ts';
import { SyntheticMesh } from '../lib/synthetic_mesh.ts';

const AT = 1_700_000_000_000;

function recorded(count: number) {
  const mesh = new SyntheticMesh(10, AT);
  const events: { at: number }[] = [structuredClone(mesh.snapshot(AT))];
  for (let i = 1; i < count; i++) events.push(structuredClone(mesh.next(AT + i * 100)));
  return { base: emptyState(0, 'recorded'), events };
}

t.test('any moment of a recording is the fold of what was before it', (t) => {
  const all = recorded(1200);
  const recording = new Recording(all);
  const foldOf = (index: number) => {
    const state = emptyState(0, 'recorded');
    for (const event of all.events.slice(0, index)) step(state, event);
    return JSON.stringify(stateJson(state));
  };
  const index = fc.integer({ min: 0, max: 1200 });
  fc.assert(
    fc.property(
      fc.array(index, { minLength: 1, maxLength: 6 }),
      (steps) => steps.every((i) => JSON.stringify(stateJson(recording.stateAt(i))) === foldOf(i)),
    ),
    { numRuns: 8 },
  );
  t.equal(recording.stateAt(1200).link.state, 'recorded');
  t.end();
});

t.test('keys of the player', (t) => {
  const end = newPlayer(1000);
  t.equal(end.index, 1000);
  const press = (...keys: string[]) => keys.reduce((p, key) => steer(p, key) ?? p, end);
  t.equal(press('left').index, 999);
  t.equal(press('left', 'right', 'right').index, 1000);
  t.equal(press('shift-left').index, 990);
  t.equal(press('[', '[', ']').index, 900);
  t.equal(press('home', 'left').index, 0);
  t.equal(press('home', 'end').index, 1000);
  t.match(press('space'), { playing: true, index: 0 }, 'from the beginning');
  t.match(press('home', 'space', 'space'), { playing: false });
  t.equal(press('+', '+').speed, 4);
  t.equal(press('-', '-', '-', '-').speed, 0.25);
  t.equal(steer(end, 'x'), null);
  t.end();
});

t.test('playing keeps the time of the recording, and waits for no long pause', (t) => {
  const at = [0, 100, 200, 10_000_000];
  const playing = { index: 1, total: 4, playing: true, speed: 1 };
  const time = (i: number) => at[i]!;
  t.match(advance(playing, time, 99), { player: { index: 1 }, leftMs: 99 });
  t.match(advance(playing, time, 150), { player: { index: 2 }, leftMs: 50 });
  t.match(advance({ ...playing, speed: 2 }, time, 100).player, { index: 3, playing: true });
  t.match(advance(playing, time, 2200), { player: { index: 4, playing: false }, leftMs: 0 });
  t.match(advance({ ...playing, playing: false }, time, 1e9).player.index, 1);
  t.end();
});
