import fc from 'fast-check';
import t from 'tap';
import type { Profile } from '../../feeds/records/mod.ts';
import {
  createFakeEngine,
  type Engine,
  type FakeEngineOptions,
  type GenerateRequest,
  type ScoreRequest,
} from '../../node/engine/mod.ts';
import { scoredFromWire, scoredToWire } from '../../node/engine/score_wire.ts';

const hash = (byte: number) => new Uint8Array(32).fill(byte);
const FILES = { weights: 'any', vocabulary: 'any' };

const PROFILE: Profile = {
  version: 1,
  kind: 'text',
  file: hash(1),
  size: 1,
  architecture: 'fake',
  quantisation: 'none',
  chatTemplate: hash(2),
  tokenizer: hash(3),
  vocabulary: hash(4),
  contextSize: 2000,
  kvType: 'f16',
  flashAttention: true,
  sampler: 'nexus/gumbel-int/1',
  topK: 16,
  parent: null,
  adapters: [],
  layers: null,
};

async function ready(options: FakeEngineOptions = {}) {
  const engine = createFakeEngine(options);
  const { profileId } = await engine.load(PROFILE, FILES, { weights: true });
  const prompt = await engine.tokenizeChat(profileId, [{ role: 'user', content: 'hello' }]);
  const request = (seed: number, maxTokens = 200): GenerateRequest => ({
    profileId,
    prompt,
    prefix: [],
    seed: hash(seed),
    sampling: { tq: 1024, pq: 65536, maxTokens },
    stops: [],
  });
  const scoring = (output: number[], from = 0): ScoreRequest => ({
    profileId,
    prompt,
    output,
    from,
    topK: 32,
  });
  return { engine, profileId, prompt, request, scoring };
}

async function generate(engine: Engine, request: GenerateRequest) {
  const tokens = [];
  for await (const token of engine.generate(request)) tokens.push(token);
  return tokens;
}

async function score(engine: Engine, request: ScoreRequest, signal?: AbortSignal) {
  const positions = [];
  const run = engine.score(request, signal);
  while (true) {
    const { done, value } = await run.next();
    if (done) return { positions, end: value };
    positions.push(value);
  }
}

/** An answer of at least that many tokens. */
async function longAnswer(
  engine: Engine,
  request: (seed: number) => GenerateRequest,
  least: number,
) {
  for (let seed = 0;; seed++) {
    const tokens = await generate(engine, request(seed));
    if (tokens.length >= least) return { seed, tokens };
  }
}

t.test('scoring an answer gives the logits that it was drawn from', async (t) => {
  const { engine, request, scoring } = await ready();
  const { tokens } = await longAnswer(engine, request, 150);
  const { positions, end } = await score(engine, scoring(tokens.map(({ id }) => id)));
  t.same(
    positions.map(({ position, id, logit }) => ({ position, id, logit })),
    tokens.map(({ position, id, logit }) => ({ position, id, logit })),
  );
  t.ok(positions.every(({ ids, logits }) => ids.length === 32 && logits.length === 32));
  t.match(end, { finish: 'end', positions: tokens.length });
});

t.test('a segment scores as in the whole answer, wherever it begins', async (t) => {
  const { engine, request, scoring } = await ready();
  const { tokens } = await longAnswer(engine, request, 70);
  const output = tokens.map(({ id }) => id);
  const whole = (await score(engine, scoring(output))).positions;
  await fc.assert(
    fc.asyncProperty(fc.nat(output.length), async (from) => {
      const { positions } = await score(engine, scoring(output, from));
      t.same(positions, whole.slice(from));
    }),
    { numRuns: 15 },
  );
});

t.test('a token outside the candidates has its logit, too', async (t) => {
  const { engine, scoring } = await ready();
  const { positions } = await score(engine, scoring([1, 1]));
  t.ok(positions.every(({ ids, logit }) => !ids.includes(1) && logit < 0));
});

t.test('an empty answer is scored at once', async (t) => {
  const { engine, scoring } = await ready();
  t.match((await score(engine, scoring([]))).end, { finish: 'end', positions: 0 });
});

t.test('transcripts that cannot be are refused with a code', async (t) => {
  const { engine, scoring } = await ready();
  const refused = (changes: Partial<ScoreRequest>, code: string) =>
    t.rejects(score(engine, { ...scoring([9, 9]), ...changes }), { code });
  await refused({ prompt: [] }, 'PROMPT_EMPTY');
  await refused({ prompt: new Array(1999).fill(9) }, 'TRANSCRIPT_TOO_LONG');
  await refused({ output: [1e9] }, 'BAD_TOKEN');
  await refused({ prompt: [-1] }, 'BAD_TOKEN');
  await refused({ from: 3 }, 'BAD_REQUEST');
  await refused({ topK: 65 }, 'BAD_REQUEST');
  await refused({ topK: 0 }, 'BAD_REQUEST');
  await refused({ profileId: hash(0) }, 'MODEL_NOT_LOADED');
});

t.test('beside an answer it takes its share of the time, and the answer is the same', async (t) => {
  let time = 0;
  const { engine, prompt, request, scoring } = await ready({
    scoreShare: 0.25,
    now: () => time,
    // A row takes a millisecond, whatever it is for.
    beforeStep: (rows) => Promise.resolve(void (time += rows)),
  });
  const { seed, tokens } = await longAnswer(engine, request, 190);
  const output = tokens.map(({ id }) => id);
  const alone = (await score(engine, scoring(output))).positions;
  const started = time;
  const answer = generate(engine, request(seed)).then((again) => ({ again, took: time - started }));
  const many = Promise.all(Array.from({ length: 12 }, () => score(engine, scoring(output))));
  const { again, took } = await answer;
  t.same(again, tokens);
  const rows = prompt.length + tokens.length;
  t.ok(took <= rows / 0.75 + 100, `${took} ms with scoring, ${rows} without`);
  t.ok(took >= rows / 0.75 - 100 && took > rows, 'and the share is used');
  for (const { positions } of await many) t.same(positions, alone);
});

t.test('with no share it waits until the answers have ended', async (t) => {
  const order: string[] = [];
  const { engine, request, scoring } = await ready({ scoreShare: 0 });
  const { seed, tokens } = await longAnswer(engine, request, 100);
  await Promise.all([
    generate(engine, request(seed)).then(() => order.push('answer')),
    score(engine, scoring(tokens.map(({ id }) => id))).then(() => order.push('score')),
  ]);
  t.same(order, ['answer', 'score']);
});

t.test('it gives its place up to an answer that needs it, and goes on after', async (t) => {
  const { engine, request, scoring } = await ready({ maxSlots: 1, scoreShare: 1 });
  const { seed, tokens } = await longAnswer(engine, request, 190);
  const output = tokens.map(({ id }) => id);
  const run = engine.score(scoring(output));
  const positions = [(await run.next()).value];
  t.same(await generate(engine, request(seed)), tokens);
  for await (const position of run) positions.push(position);
  t.same(positions, (await score(engine, scoring(output))).positions);
});

t.test('a reader who does not pull holds up neither answers nor the self-test', async (t) => {
  const { engine, profileId, request, scoring } = await ready({ maxSlots: 1 });
  const { seed, tokens } = await longAnswer(engine, request, 190);
  const output = tokens.map(({ id }) => id);
  const run = engine.score(scoring(output));
  await run.next();
  t.same(await generate(engine, request(seed)), tokens);
  t.match(await engine.selfTest(profileId), { passed: true });
  let left = 0;
  for await (const _ of run) left++;
  t.equal(left, output.length - 1);
});

t.test('a slow reader makes batches come late, not small', async (t) => {
  const batches: number[] = [];
  const { engine, request, scoring } = await ready({
    now: () => 0,
    beforeStep: (rows) => {
      batches.push(rows);
      return Promise.resolve();
    },
  });
  const { tokens } = await longAnswer(engine, request, 190);
  await score(engine, scoring(tokens.map(({ id }) => id)));
  batches.length = 0;
  let read = 0;
  for await (const _ of engine.score(scoring(tokens.map(({ id }) => id)))) {
    read++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(read, tokens.length);
  t.ok(batches.slice(0, -1).every((rows) => rows === 63), `${batches}`);
});

t.test('aborting ends as cancelled, unloading fails with a code', async (t) => {
  const { engine, profileId, request, scoring } = await ready();
  const { tokens } = await longAnswer(engine, request, 190);
  const output = tokens.map(({ id }) => id);
  const abort = new AbortController();
  const run = engine.score(scoring(output), abort.signal);
  await run.next();
  abort.abort();
  let last = await run.next();
  while (!last.done) last = await run.next();
  t.equal(last.value.finish, 'cancelled');
  t.equal((await score(engine, scoring(output), AbortSignal.abort())).end.finish, 'cancelled');
  const lost = engine.score(scoring(output));
  await lost.next();
  await engine.unload(profileId);
  await t.rejects(async () => {
    for await (const _ of lost);
  }, { code: 'MODEL_UNLOADED' });
});

t.test('scores cross the pipe bit by bit', (t) => {
  const float = fc.float({ noNaN: true });
  const candidates = fc.array(fc.tuple(fc.nat(2 ** 31), float), { maxLength: 64 });
  fc.assert(fc.property(fc.nat(), fc.nat(), float, candidates, (position, id, logit, pairs) => {
    const scored = {
      position,
      id,
      logit,
      ids: pairs.map(([token]) => token),
      logits: pairs.map(([, value]) => value),
    };
    t.strictSame(scoredFromWire(scoredToWire(scored)), scored);
  }));
  t.end();
});
