import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import type { JobEnergy } from '../../fingerprint/energy/mod.ts';
import { collect, PROFILE, request, World } from './world.ts';

async function ask(world: World) {
  const { deps } = await world.requester();
  return await collect(request(), deps);
}

/** What the executor told of the job, once it was over there too. */
async function finished(world: World): Promise<JobEnergy | null> {
  await world.close();
  const event = world.executors[0]!.events.find(({ type }) => type === 'finished');
  return event?.type === 'finished' ? event.energy : null;
}

const TOOK: JobEnergy = {
  source: 'rapl',
  error: 0.05,
  prompt: 1,
  output: 2,
  promptTokens: 0,
  outputTokens: 0,
  ms: 3,
};

t.test('decoding is followed token by token, and what it took is told at the end', async (t) => {
  const began: string[] = [];
  let tokens = 0;
  const world = await World.make({
    meter: (profile) => {
      began.push(profile);
      return {
        token: () => tokens++,
        end: (promptTokens) => Promise.resolve({ ...TOOK, promptTokens, outputTokens: tokens }),
      };
    },
  });
  const { done } = await ask(world);
  t.same(began, [toHex(PROFILE)]);
  t.equal(tokens, done.outputTokens);
  const energy = await finished(world);
  t.match(energy, { source: 'rapl', promptTokens: done.promptTokens, outputTokens: tokens });
});

t.test('where nobody counts, and where counting fails, answers are the same', async (t) => {
  const plain = await World.make();
  const { done } = await ask(plain);
  t.equal(await finished(plain), null);
  const failing = await World.make({
    meter: () => ({ token: () => {}, end: () => Promise.resolve(null) }),
  });
  t.equal((await ask(failing)).done.text, done.text);
  t.equal(await finished(failing), null);
});
