import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import type { Engine, GenerateRequest, LoadedModel } from '../../node/engine/mod.ts';
import { OwnMeasuring } from '../../node/daemon/own_measuring.ts';
import {
  Idleness,
  measureMyself,
  OwnBook,
  type OwnFigures,
  PROBE_POLICY,
  quickPlan,
  whileIdle,
} from '../../node/prober/mod.ts';

const id = (byte: number) => new Uint8Array(32).fill(byte);
const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const never = new AbortController().signal;
const END = { finish: 'length' as const, text: '', cached: 0, promptMs: 0, totalMs: 0 };
const error = new NexusError('NO_FIGURES', 'nothing');

function model(byte: number, slots = 1): LoadedModel {
  return {
    profileId: id(byte),
    class: id(9),
    weights: true,
    layers: null,
    contextSize: 2048,
    vocabularySize: 1000,
    endTokens: [0],
    slots,
    threads: 1,
    determinism: 'exact',
  };
}

/** An engine of so many tokens a second, reading and writing, on a clock of its own. */
function paced(rateOf: (job: number) => number) {
  let now = 0, jobs = 0;
  const asked: { prompt: number; output: number }[] = [];
  const generate: Engine['generate'] = async function* ({ prompt, sampling }: GenerateRequest) {
    const ms = 1000 / rateOf(jobs++);
    asked.push({ prompt: prompt.length, output: sampling.maxTokens });
    now += ms * (prompt.length - 1);
    for (let position = 0; position < sampling.maxTokens; position++) {
      await Promise.resolve();
      now += ms;
      yield { id: 1, position, text: '', logit: 0 };
    }
    return END;
  };
  return { engine: { generate }, asked, tick: () => now };
}

async function measured({ engine, tick }: ReturnType<typeof paced>, slots = 1) {
  const idleness = new Idleness(() => 0, tick);
  const deps = { engine, idleness, policy: PROBE_POLICY, randomBytes, tick, now: () => 7 };
  const plan = quickPlan(model(1, slots), PROBE_POLICY.quickMs);
  const runs = measureMyself(model(1, slots), plan, deps, never);
  let count = 0;
  for (let step = await runs.next();; step = await runs.next(), count++) {
    if (step.done) return { figures: step.value, count };
  }
}

t.test('a slow engine reads and writes fewer tokens, so that it comes to figures', async (t) => {
  const slow = paced(() => 10);
  const { figures, count } = await measured(slow);
  t.equal(count, 3);
  t.ok(slow.tick() <= PROBE_POLICY.quickMs, `${slow.tick()} ms`);
  t.equal(figures?.prefill.median, 10);
  t.equal(figures?.decode.median, 10);
  t.ok(slow.asked.every(({ prompt }) => prompt >= 8));
  t.ok(slow.asked.slice(1).every(({ output }) => output >= 8));
});

t.test('one that is fast enough gets the whole of the plan', async (t) => {
  const fast = paced(() => 500);
  await measured(fast, 4);
  t.same(fast.asked.slice(1), Array(7).fill({ prompt: 192, output: 24 }));
});

t.test('one that only had to read its weights is not taken for slow', async (t) => {
  const cold = paced((job) => job === 0 ? 10 : 1000);
  await measured(cold);
  t.same(cold.asked.at(-1), { prompt: 192, output: 24 });
});

t.test('no figures, and a job in between, are told apart', async (t) => {
  const idleness = new Idleness(() => 0, () => 0);
  const deps = { idleness, policy: PROBE_POLICY, randomBytes, tick: () => 0, now: () => 0 };
  const first = (generate: Engine['generate']) =>
    measureMyself(model(1), quickPlan(model(1), 1000), { ...deps, engine: { generate } }, never)
      .next();
  // deno-lint-ignore require-yield -- it ends without a token
  const silent: Engine['generate'] = async function* () {
    return await Promise.resolve(END);
  };
  await t.rejects(first(silent), { code: 'NO_FIGURES' });
  const interrupted = await first((request) => {
    idleness.begun();
    return silent(request);
  });
  t.same(interrupted, { done: true, value: null });
});

t.test('what failed is tried again later each time, until it works', (t) => {
  const book = new OwnBook(), one = model(1), every = 24 * 3_600_000;
  t.ok(book.wants(one, 0, every));
  const waits: number[] = [];
  for (let i = 0, now = 0; i < 14; i++) {
    book.failed(one, error, now, every);
    const from = now;
    while (!book.wants(one, now, every)) now += 60_000;
    waits.push((now - from) / 60_000);
  }
  t.same(waits.slice(0, 5), [1, 2, 4, 8, 16]);
  t.same(waits.slice(-2), [1440, 1440]);
  t.equal(book.failureOf(one), error);
  t.ok(book.wants({ ...one, class: id(8) }, 0, every), 'loaded in another way it may work');
  const figures = { profile: id(1), class: id(9), at: 0 } as OwnFigures;
  book.keep(figures);
  t.equal(book.failureOf(one), null);
  t.same(book.unlogged(0), [figures]);
  book.failed(one, error, 0, every);
  t.same(book.unlogged(59_999), [], 'nor is its claim written at once');
  t.same(book.unlogged(60_000), [figures]);
  book.logged(figures);
  t.equal(book.failureOf(one), null);
  t.end();
});

t.test('a model that fails does not keep the others from being measured', async (t) => {
  const { engine: { generate } } = paced(() => 1000);
  const tries: number[] = [];
  const stop = new AbortController();
  const failures: NexusError[] = [], figures: OwnFigures[] = [];
  const options = {
    node: { settings: { fingerprint: { value: 'on' as const } }, network: { id: id(5) } },
    engine: {
      generate: (request: GenerateRequest) => {
        tries.push(request.profileId[0]!);
        if (request.profileId[0] === 1) throw new NexusError('ENGINE_LOST', 'it ended');
        return generate(request);
      },
    },
    serving: { all: [1, 2].map((byte) => ({ loaded: model(byte) })) as never, nameOf: () => null },
    logs: {
      append: () => {
        stop.abort();
        return Promise.reject(new Error('no room'));
      },
    },
    bus: { emit: () => {} },
  };
  const own = new OwnMeasuring(options, new Idleness(() => 0, () => 0), {
    figures: (one) => figures.push(one),
    failure: (one) => failures.push(one),
  }, { ...PROBE_POLICY, settleMs: 0 });
  await own.keepUp(stop.signal);
  t.same(figures.map(({ profile }) => profile[0]), [2]);
  t.same(failures.map(({ code }) => code), ['ENGINE_LOST']);
  t.equal(own.failure?.code, 'ENGINE_LOST');
  t.equal(tries.filter((byte) => byte === 1).length, 1);
});

t.test('what is measured beside the engine gives way to a job', async (t) => {
  let jobs = 1;
  const idleness = new Idleness(() => jobs, () => 0);
  const here = () => ({ isBusy: () => jobs > 0, interrupted: idleness.interrupted });
  const work = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      setTimeout(() => resolve('done'), 1000).unref();
      idleness.begun();
    });
  await t.rejects(whileIdle(here(), work, never), { code: 'BUSY' }, 'one is here');
  jobs = 0;
  await t.rejects(whileIdle(here(), work, never), { code: 'BUSY' }, 'one comes');
  t.equal(await whileIdle(here(), () => Promise.resolve(3), never), 3);
});
