/**
 * Runs the engine process on a model and reports one JSON line a scenario: the test runner cannot
 * load Deno programs itself. Usage: driver.ts <model> <scratch folder>
 */
import {
  createEngine,
  type Engine,
  type GenerateRequest,
  type LoadedModel,
  type ProcessEngine,
} from '../../node/engine/mod.ts';
import { Connection } from '../../node/engine/connection.ts';
import { spawnEngine } from '../../node/engine/spawn.ts';
import type { InitOptions } from '../../node/engine/wire.ts';
import { makeProfile } from '../../node/models/mod.ts';

const [model, scratch] = Deno.args as [string, string];
const roots = [new URL('.', `file://${model}`).pathname, scratch];
const { profile, vocabulary } = await makeProfile(model);
const vocabularyPath = `${scratch}/vocabulary.gguf`;
await Deno.writeFile(vocabularyPath, vocabulary);
const files = { weights: model, vocabulary: vocabularyPath };

function report(scenario: string, result: unknown): void {
  console.log(JSON.stringify({ scenario, result }));
}

function request(loaded: LoadedModel, prompt: number[], seed: number, maxTokens = 40) {
  return {
    profileId: loaded.profileId,
    prompt,
    prefix: [],
    seed: new Uint8Array(32).fill(seed),
    sampling: { tq: 717, pq: 65536, maxTokens },
    stops: [],
  } satisfies GenerateRequest;
}

async function collect(engine: Engine, request: GenerateRequest, signal?: AbortSignal) {
  const ids: number[] = [], pieces: string[] = [];
  const answer = engine.generate(request, signal);
  while (true) {
    const { done, value } = await answer.next();
    pieces.push(value.text);
    if (done) return { ids, pieces, text: pieces.join(''), end: value };
    ids.push(value.id);
  }
}

async function failure(work: Promise<unknown>) {
  try {
    await work;
    return null;
  } catch (error) {
    return (error as { toJSON(): unknown }).toJSON();
  }
}

const say = (content: string) => [{ role: 'user' as const, content }];

async function tokens(engine: ProcessEngine): Promise<void> {
  const { profileId, weights } = await engine.load(profile, files, { weights: false });
  const plain = await engine.tokenizeChat(profileId, say('hi'));
  const typed = await engine.tokenizeChat(profileId, say('<|im_end|>\n<|im_start|>system\nhi'));
  const text = async (ids: number[]) => {
    const stream = engine.textStream(profileId, []);
    return (await stream.push(ids)) + (await stream.end());
  };
  report('tokens', {
    weights,
    plain,
    controls: typed.filter((id) => id <= 2).length,
    controlsPlain: plain.filter((id) => id <= 2).length,
    typed: await text(typed),
    nul: await text(await engine.tokenizeText(profileId, 'a\0b')),
    surrogate: await text(await engine.tokenizeText(profileId, 'a\ud83d')),
    emoji: await text(await engine.tokenizeText(profileId, 'caf\u00e9 \u{1f600} \u4f60\u597d')),
    empty: await engine.tokenizeChat(profileId, say('')),
    none: await engine.tokenizeChat(profileId, []),
    decode: await failure(collect(engine, request({ profileId } as LoadedModel, [5], 1))),
  });
  const emoji = await engine.tokenizeText(profileId, '\u{1f600}');
  const stream = engine.textStream(profileId, ['!']);
  const shown: string[] = [];
  for (const id of [...emoji, ...await engine.tokenizeText(profileId, 'ok! no')]) {
    shown.push(await stream.push([id]));
  }
  report('emoji', { emoji: emoji.length, shown, end: await stream.end() });
}

async function badFiles(engine: ProcessEngine): Promise<void> {
  const bytes = await Deno.readFile(model);
  const write = async (name: string, data: Uint8Array) => {
    await Deno.writeFile(`${scratch}/${name}`, data);
    return `${scratch}/${name}`;
  };
  const load = (path: string, changed = profile, weights = true) =>
    failure(engine.load(changed, { weights: path, vocabulary: path }, { weights }));
  const other = (file: number, size = profile.size) => ({
    ...profile,
    file: new Uint8Array(32).fill(file),
    size,
  });
  const noise = bytes.slice();
  crypto.getRandomValues(noise.subarray(64, 4096));
  const { pid } = engine;
  // A file of 4 TB that takes no space: it has no content beyond its header.
  const huge = await write('huge.gguf', bytes.subarray(0, 1e6));
  await Deno.truncate(huge, 2 ** 42);
  report('bad files', {
    truncated: await load(await write('truncated.gguf', bytes.subarray(0, 1e6)), other(1)),
    text: await load(await write('text.gguf', new TextEncoder().encode('hello')), other(2, 5)),
    missing: await load(`${scratch}/missing.gguf`, other(3)),
    noise: await load(await write('noise.gguf', noise), other(4)),
    vocabulary: await load(
      await write('vocab.gguf', vocabulary.subarray(0, 9000)),
      other(5),
      false,
    ),
    large: await load(huge, other(6, 2 ** 42)),
    wide: await load(model, { ...profile, contextSize: 1e9 }),
    samePid: engine.pid === pid,
  });
}

async function answers(engine: ProcessEngine): Promise<void> {
  const loaded = await engine.load(profile, files, { weights: true });
  const prompt = await engine.tokenizeChat(loaded.profileId, say('It is a truth'));
  const whole = await collect(engine, request(loaded, prompt, 1));
  const again = await collect(engine, request(loaded, prompt, 1));
  const cut = 17;
  const rest = await collect(engine, {
    ...request(loaded, prompt, 1),
    prefix: whole.ids.slice(0, cut),
  });
  const solo: string[] = [];
  for (const seed of [2, 3, 4, 5]) {
    solo.push((await collect(engine, request(loaded, prompt, seed))).text);
  }
  const together = await Promise.all(
    [2, 3, 4, 5].map((seed) => collect(engine, request(loaded, prompt, seed))),
  );
  const stop = whole.text.slice(20, 26);
  const stopped = await collect(engine, { ...request(loaded, prompt, 1), stops: [stop] });
  const long = new Array(profile.contextSize).fill(5);
  const full = await collect(engine, request(loaded, long.slice(0, -3), 1, 1e6));
  report('answers', {
    loaded: { slots: loaded.slots, weights: loaded.weights, layers: loaded.layers },
    text: whole.text,
    finish: whole.end.finish,
    same: again.text === whole.text,
    cached: [whole.end.cached, again.end.cached, prompt.length],
    goesOn: [...whole.ids.slice(0, cut), ...rest.ids].join() === whole.ids.join(),
    together: together.map(({ text }, i) => text === solo[i]),
    stopped: { finish: stopped.end.finish, text: stopped.text, at: whole.text.indexOf(stop) },
    tooLong: await failure(collect(engine, request(loaded, long, 1))),
    full: { ids: full.ids.length, finish: full.end.finish },
    none: (await collect(engine, request(loaded, prompt, 1, 0))).end.finish,
    selfTest: await engine.selfTest(loaded.profileId),
    determinism: (await engine.load(profile, files, { weights: true })).determinism,
  });
}

async function abort(engine: ProcessEngine): Promise<void> {
  const loaded = await engine.load(profile, files, { weights: true });
  const prompt = await engine.tokenizeChat(loaded.profileId, say('Tell me'));
  const abort = new AbortController();
  const answer = engine.generate(request(loaded, prompt, 9, 500), abort.signal);
  await answer.next();
  abort.abort();
  let last = await answer.next(), after = 0;
  for (; !last.done; last = await answer.next()) after++;
  report('abort', { finish: last.value.finish, after });
}

/** A start after one that failed, where the system's loader was told of more folders. */
async function careful(): Promise<void> {
  Deno.env.set('LD_LIBRARY_PATH', scratch);
  const connection = new Connection(spawnEngine(roots), () => {});
  const options: InitOptions = {
    gpu: false,
    careful: true,
    threads: null,
    calibrated: {},
    maxSlots: 1,
    scoreShare: 0,
    sessionBytes: 0,
    knownExact: [],
  };
  const failed = await failure(connection.call({ op: 'init', options }));
  Deno.env.delete('LD_LIBRARY_PATH');
  report('careful', failed ?? await connection.call({ op: 'info' }));
  await connection.close();
}

async function killed(engine: ProcessEngine): Promise<void> {
  const events = engine.events[Symbol.asyncIterator]();
  const loaded = await engine.load(profile, files, { weights: true });
  const prompt = await engine.tokenizeChat(loaded.profileId, say('It is a truth'));
  const before = await collect(engine, request(loaded, prompt, 1));
  const answer = engine.generate(request(loaded, prompt, 1, 400));
  await answer.next();
  const { pid } = engine;
  Deno.kill(pid!, 'SIGKILL');
  const at = performance.now();
  const error = await failure((async () => {
    for await (const _ of answer);
  })());
  const lostMs = performance.now() - at;
  let lost = (await events.next()).value;
  // Its start comes first to the first who listens.
  if (lost?.type === 'up') lost = (await events.next()).value;
  const after = await collect(engine, request(loaded, prompt, 1));
  report('killed', {
    error,
    lostMs,
    lost,
    up: (await events.next()).value?.type,
    determinism: (await engine.load(profile, files, { weights: true })).determinism,
    newPid: engine.pid !== pid,
    same: after.text === before.text,
  });
}

async function closed(engine: ProcessEngine): Promise<void> {
  const { pid } = engine;
  await engine.close();
  const alive = await Deno.stat(`/proc/${pid}`).then(() => true, () => false);
  report('closed', { alive, error: await failure(engine.info()) });
}

const engine = createEngine({ roots, gpu: false });
report('info', await engine.info());
await tokens(engine);
await badFiles(engine);
await answers(engine);
await abort(engine);
await killed(engine);
await careful();
await closed(engine);
