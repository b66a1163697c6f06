import t from 'tap';
import type { LayeredModel, Session } from '../../node/engine/backend.ts';
import { calibrate } from '../../node/engine/calibrate.ts';
import { determinismClass } from '../../node/engine/determinism.ts';
import type { Profile } from '../../feeds/records/mod.ts';
import type { Threads } from '../../node/engine/mod.ts';

/** A model whose steps take the time that `cost` says; the clock is its own. */
function timed(cores: number, cost: (threads: Threads, rows: number) => number) {
  let clock = 0;
  const session: Session & { position: number } = {
    position: 0,
    rewind(position) {
      session.position = position;
      return Promise.resolve();
    },
  };
  const model = {
    cores,
    threads: { single: 1, batch: 1, pad: false },
    sessions: [session],
    step: (parts: { tokens: number[] }[]) => {
      clock += cost(model.threads, parts[0]!.tokens.length);
      return Promise.resolve([[{ ids: [1], logits: [1] }]]);
    },
  } as unknown as LayeredModel;
  const measure = (awaited = () => false) =>
    calibrate(model, { vocabularySize: 100, contextSize: 512, now: () => clock, awaited });
  return { model, measure };
}

t.test('more threads for batches, one for lone rows where more gain little', async (t) => {
  const { model, measure } = timed(
    4,
    ({ single, batch, pad }, rows) => rows > 1 ? 40 / batch : pad ? 12 : 10 / (1 + 0.01 * single),
  );
  t.same(await measure(), { single: 1, batch: 4, pad: false });
  t.same(model.threads, { single: 1, batch: 1, pad: false }, 'it changes nothing itself');
});

t.test('a companion row where that is the fastest way to keep the bits', async (t) => {
  const { measure } = timed(
    8,
    ({ single, batch, pad }, rows) => rows > 1 ? 80 / batch : pad ? 11 / batch : 10 / single,
  );
  t.same(await measure(), { single: 8, batch: 8, pad: true });
});

t.test('settings that lose bits only where they are much faster', async (t) => {
  const { measure } = timed(
    8,
    ({ single, batch, pad }, rows) => rows > 1 ? 80 / batch : pad ? 20 / batch : 10 / single,
  );
  t.same(await measure(), { single: 8, batch: 8, pad: false });
});

t.test('no result where time runs out or somebody waits', async (t) => {
  t.equal(await timed(8, () => 900).measure(), null);
  t.equal(await timed(8, () => 1).measure(() => true), null);
});

t.test('the class tells settings apart that give other bits, and only those', (t) => {
  const facts = { build: 'b', kernels: 'k' };
  const profile = { flashAttention: true, kvType: 'f16' } as Profile;
  const of = (threads: Threads, changed = facts) =>
    determinismClass(changed, threads, profile).join();
  const exact = of({ single: 1, batch: 2, pad: false });
  t.equal(of({ single: 1, batch: 8, pad: false }), exact);
  t.equal(of({ single: 8, batch: 8, pad: true }), exact);
  t.not(of({ single: 2, batch: 2, pad: false }), exact);
  t.not(of({ single: 1, batch: 2, pad: false }, { build: 'c', kernels: 'k' }), exact);
  t.not(of({ single: 1, batch: 2, pad: false }, { build: 'b', kernels: 'l' }), exact);
  t.end();
});
