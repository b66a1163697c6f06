import fc from 'fast-check';
import t from 'tap';
import type { Profile } from '../../feeds/records/mod.ts';
import {
  createFakeEngine,
  type Engine,
  type FakeEngineOptions,
  type GenerateRequest,
} from '../../node/engine/mod.ts';

const hash = (byte: number) => new Uint8Array(32).fill(byte);

function profile(contextSize = 256): Profile {
  return {
    version: 1,
    kind: 'text',
    file: hash(1),
    size: 1,
    architecture: 'fake',
    quantisation: 'none',
    chatTemplate: hash(2),
    tokenizer: hash(3),
    vocabulary: hash(4),
    contextSize,
    kvType: 'f16',
    flashAttention: true,
    sampler: 'nexus/gumbel-int/1',
    topK: 16,
    parent: null,
    adapters: [],
    layers: null,
  };
}

async function ready(options: FakeEngineOptions & { contextSize?: number } = {}) {
  const engine = createFakeEngine(options);
  const files = { weights: 'any', vocabulary: 'any' };
  const { profileId } = await engine.load(profile(options.contextSize), files, { weights: true });
  const prompt = await engine.tokenizeChat(profileId, [{ role: 'user', content: 'hello' }]);
  const request = (changes: Partial<GenerateRequest> = {}): GenerateRequest => ({
    profileId,
    prompt,
    prefix: [],
    seed: hash(7),
    sampling: { tq: 1024, pq: 65536, maxTokens: 40 },
    stops: [],
    ...changes,
  });
  return { engine, profileId, request, prompt };
}

async function collect(engine: Engine, request: GenerateRequest, signal?: AbortSignal) {
  const ids: number[] = [], positions: number[] = [];
  let text = '';
  const answer = engine.generate(request, signal);
  while (true) {
    const { done, value } = await answer.next();
    if (done) return { ids, positions, text: text + value.text, end: value };
    ids.push(value.id);
    positions.push(value.position);
    text += value.text;
  }
}

t.test('equal seeds give equal answers, others do not', async (t) => {
  const { engine, request } = await ready();
  const one = await collect(engine, request());
  t.same((await collect(engine, request())).ids, one.ids);
  t.notSame((await collect(engine, request({ seed: hash(8) }))).ids, one.ids);
  t.same(one.positions, one.ids.map((_, i) => i));
});

t.test('an answer goes on after any forced prefix, with the same text', async (t) => {
  const { engine, request } = await ready();
  await fc.assert(
    fc.asyncProperty(fc.nat(255), fc.nat(40), async (seed, cut) => {
      const whole = await collect(engine, request({ seed: hash(seed) }));
      const prefix = whole.ids.slice(0, cut);
      const rest = await collect(engine, request({ seed: hash(seed), prefix }));
      t.same([...prefix, ...rest.ids], whole.ids);
      t.equal(rest.end.finish, whole.end.finish);
      t.ok(whole.text.endsWith(rest.text));
    }),
    { numRuns: 25 },
  );
});

t.test('text streams of any cut show what the answer showed', async (t) => {
  const { engine, request, profileId } = await ready();
  const { ids, text } = await collect(engine, request());
  const stream = engine.textStream(profileId, []);
  let shown = '';
  for (let i = 0; i < ids.length; i += 3) shown += await stream.push(ids.slice(i, i + 3));
  t.equal(shown + await stream.end(), text);
});

t.test('a stop string ends the answer before it, also across a forced prefix', async (t) => {
  const { engine, request } = await ready();
  const whole = await collect(engine, request());
  const words = whole.text.split(' ');
  const stop = `${words[3]!.slice(1)} ${words[4]!.slice(0, 2)}`;
  const stopped = await collect(engine, request({ stops: ['never', stop] }));
  t.equal(stopped.end.finish, 'stop');
  t.equal(stopped.text, whole.text.slice(0, whole.text.indexOf(stop)));
  const prefix = stopped.ids.slice(0, -1);
  const rest = await collect(engine, request({ stops: [stop], prefix }));
  t.equal(rest.end.finish, 'stop');
  t.same([...prefix, ...rest.ids], stopped.ids);
  const over = await collect(engine, request({ stops: [stop], prefix: stopped.ids }));
  t.same([over.end.finish, over.ids, over.text], ['stop', [], '']);
});

t.test('maxTokens counts the whole answer; none and too many are defined', async (t) => {
  const { engine, request, prompt } = await ready({ contextSize: 64 });
  const limited = (maxTokens: number) => ({ sampling: { tq: 1024, pq: 65536, maxTokens } });
  const none = await collect(engine, request(limited(0)));
  t.same([none.ids, none.end.finish], [[], 'length']);
  const three = await collect(engine, request(limited(3)));
  t.same([three.ids.length, three.end.finish], [3, 'length']);
  const rest = await collect(engine, request({ ...limited(3), prefix: three.ids.slice(0, 2) }));
  t.same(rest.ids, three.ids.slice(2));
  for (let seed = 0; seed < 8; seed++) {
    const { ids, end } = await collect(engine, request({ ...limited(1e6), seed: hash(seed) }));
    t.ok(end.finish === 'end' || prompt.length + ids.length === 64, 'the context is the end');
  }
});

t.test('requests that cannot be are refused with a code', async (t) => {
  const { engine, request } = await ready({ contextSize: 64 });
  const refused = (changes: Partial<GenerateRequest>, code: string) =>
    t.rejects(collect(engine, request(changes)), { code });
  await refused({ prompt: [] }, 'PROMPT_EMPTY');
  await refused({ prompt: new Array(64).fill(9) }, 'PROMPT_TOO_LONG');
  await t.rejects(collect(engine, request({ prompt: new Array(99).fill(9) })), {
    message: /99 tokens.*context of 64/,
    hint: /at least 36/,
  });
  await refused({ prompt: [1e9] }, 'BAD_TOKEN');
  await refused({ prompt: [-1] }, 'BAD_TOKEN');
  await refused({ prefix: [1.5] }, 'BAD_TOKEN');
  await refused({ seed: new Uint8Array(3) }, 'BAD_REQUEST');
  await refused({ stops: [''] }, 'BAD_REQUEST');
  await refused({ sampling: { tq: NaN, pq: 1, maxTokens: 1 } }, 'BAD_REQUEST');
  await refused({ profileId: hash(0) }, 'MODEL_NOT_LOADED');
  t.equal((await collect(engine, request({ prompt: new Array(63).fill(9) }))).ids.length, 1);
});

t.test('the vocabulary alone tokenises but does not decode', async (t) => {
  const engine = createFakeEngine();
  const files = { weights: null, vocabulary: 'any' };
  const { profileId, weights } = await engine.load(profile(), files, { weights: false });
  t.equal(weights, false);
  t.ok((await engine.tokenizeText(profileId, 'abc')).length > 0);
  const request = {
    profileId,
    prompt: [5],
    prefix: [],
    seed: hash(0),
    sampling: { tq: 0, pq: 65536, maxTokens: 1 },
    stops: [],
  };
  await t.rejects(collect(engine, request), { code: 'MODEL_NO_WEIGHTS' });
  await t.rejects(engine.load(profile(), files, { weights: true }), { code: 'MODEL_NOT_FOUND' });
});

t.test('a follow-up uses the state of the turn before', async (t) => {
  const { engine, request, prompt } = await ready();
  const first = await collect(engine, request());
  t.equal(first.end.cached, 0);
  const next = [...prompt, ...first.ids, 2, 9, 9, 3];
  const second = await collect(engine, request({ prompt: next }));
  t.ok(second.end.cached >= prompt.length + first.ids.length - 1);
  const fresh = await ready();
  t.same((await collect(fresh.engine, fresh.request({ prompt: next }))).ids, second.ids);
});

t.test('a reader who does not pull holds up nobody else', async (t) => {
  let rows = 0;
  const { engine, request } = await ready({
    contextSize: 2000,
    beforeStep: (n) => {
      rows += n;
      return Promise.resolve();
    },
  });
  const endless = { sampling: { tq: 1024, pq: 65536, maxTokens: 1500 } };
  let slow, seed = 0;
  // An answer that is long enough not to end within the window.
  while ((await collect(engine, request({ ...endless, seed: hash(seed) }))).ids.length < 80) seed++;
  slow = engine.generate(request({ ...endless, seed: hash(seed) }));
  await slow.next();
  for (let i = 0; i < 3; i++) await collect(engine, request({ seed: hash(50 + i) }));
  const before = rows;
  await collect(engine, request({ seed: hash(50) }));
  const { ids } = await collect(engine, request({ seed: hash(50) }));
  t.ok(rows - before <= 2 * (ids.length + 10), 'the waiting answer takes no rows');
  let taken = 1;
  while (!(await slow.next()).done) taken++;
  t.ok(taken >= 80, 'and goes on when it is read');
  slow = undefined;
});

t.test('aborting ends within one token, leaving frees the slot', async (t) => {
  const { engine, request } = await ready({ maxSlots: 1, contextSize: 2000 });
  const abort = new AbortController();
  const long = request({ sampling: { tq: 1024, pq: 65536, maxTokens: 1000 } });
  const answer = engine.generate(long, abort.signal);
  await answer.next();
  abort.abort();
  let after = 0, last = await answer.next();
  for (; !last.done; last = await answer.next()) after++;
  t.equal(last.value.finish, 'cancelled');
  t.ok(after <= 32, 'nothing beyond the window that had been decoded');
  const left = engine.generate(long);
  await left.next();
  await left.return({ finish: 'cancelled', text: '', cached: 0, promptMs: 0, totalMs: 0 });
  t.ok((await collect(engine, request())).ids.length > 0);
  t.equal((await collect(engine, long, AbortSignal.abort())).end.finish, 'cancelled');
});

t.test('more answers than slots: all finish, in order of arrival, equal to those alone', async (t) => {
  const { engine, request } = await ready({ maxSlots: 2 });
  const seeds = Array.from({ length: 24 }, (_, i) => i);
  const alone: number[][] = [];
  for (const seed of seeds) {
    alone.push((await collect((await ready()).engine, request({ seed: hash(seed) }))).ids);
  }
  const started: number[] = [];
  const together = await Promise.all(seeds.map(async (seed) => {
    const answer = engine.generate(request({ seed: hash(seed) }));
    const ids: number[] = [];
    for await (const { id } of answer) {
      if (ids.length === 0) started.push(seed);
      ids.push(id);
    }
    return ids;
  }));
  t.same(together, alone);
  t.same(started, seeds);
});

t.test('no batch has more than 63 rows', async (t) => {
  let largest = 0;
  const { engine, request } = await ready({
    contextSize: 600,
    beforeStep: (rows) => {
      largest = Math.max(largest, rows);
      return Promise.resolve();
    },
  });
  const prompt = Array.from({ length: 300 }, (_, i) => 5 + i % 200);
  await Promise.all(
    [1, 2, 3, 4, 5].map((seed) =>
      collect(engine, request({ seed: hash(seed), prompt: [...prompt, seed] }))
    ),
  );
  t.equal(largest, 63);
});

t.test('a step that fails fails its answers with a code; the engine goes on', async (t) => {
  let broken = false;
  const { engine, request } = await ready({
    beforeStep: () => broken ? Promise.reject(new Error('device lost')) : Promise.resolve(),
  });
  broken = true;
  await t.rejects(collect(engine, request()), { code: 'DECODE_FAILED', message: /device lost/ });
  broken = false;
  t.ok((await collect(engine, request())).ids.length > 0);
});

t.test('losing the engine fails what is in flight, unloading too', async (t) => {
  const { engine, request, profileId } = await ready();
  const fake = engine as ReturnType<typeof createFakeEngine>;
  const events = fake.events[Symbol.asyncIterator]();
  const answer = fake.generate(request());
  await answer.next();
  fake.lose();
  await t.rejects(async () => {
    for await (const _ of answer);
  }, { code: 'ENGINE_LOST' });
  t.match((await events.next()).value, { type: 'lost' });
  const other = fake.generate(request());
  await other.next();
  await fake.unload(profileId);
  await t.rejects(async () => {
    for await (const _ of other);
  }, { code: 'MODEL_UNLOADED' });
  await fake.close();
  t.equal((await events.next()).done, true);
});

t.test('the self-test leaves the answers as they were', async (t) => {
  const { engine, request, profileId } = await ready();
  const before = await collect(engine, request());
  const result = await engine.selfTest(profileId);
  t.match(result, { passed: true, different: 0 });
  const loaded = await engine.load(profile(), { weights: 'any', vocabulary: 'any' }, {
    weights: true,
  });
  t.equal(loaded.determinism, 'exact');
  t.same((await collect(engine, request())).ids, before.ids);
});
