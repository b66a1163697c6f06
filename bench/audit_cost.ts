/**
 * What an audit costs: scoring a real answer in the engine's process, against prefill of the same ids
 * with nothing but llama.cpp, with the logits of the answer's rows (not read) and without.
 */
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import { MAX_ROWS } from '../node/engine/backend.ts';
import { nativeContext } from '../node/engine/llama/native.ts';
import { LOOKUP, transcribe, type Transcript } from '../node/audit/mod.ts';
import type { AuditWorld } from './audit_world.ts';
import { cpuMs, type Figure, median, quantile, spread } from './lib.ts';

/** Tokens of the answer: as many as three answers can be made to have. */
const TOKENS = 300;

/** @param rounds measurements of each kind, in alternation */
export async function cost(
  world: AuditWorld,
  model: string,
  newSeed: () => Uint8Array,
  rounds: number,
): Promise<Figure[]> {
  const { engine } = world;
  const { profileId } = await world.runner('own', true);
  const { prompt, output } = await longAnswer(world, profileId, newSeed);
  await using bare = await prefill(model, prompt.length + output.length);
  const ids = [...prompt, ...output.slice(0, -1)];
  const score = async () => {
    const from = performance.now();
    const run = engine.score({ profileId, prompt, output, from: 0, topK: LOOKUP });
    while (!(await run.next()).done);
    return performance.now() - from;
  };
  const kinds = {
    score,
    logits: () => bare.run(ids, prompt.length - 1),
    none: () => bare.run(ids, ids.length - 1),
  };
  const times = { score: [] as number[], logits: [] as number[], none: [] as number[] };
  const busy = { score: 0, logits: 0, none: 0 };
  for (let round = -1; round < rounds; round++) {
    for (const kind of ['score', 'logits', 'none'] as const) {
      const before = cpuMs(engine.pid), ms = await kinds[kind]();
      if (round < 0) continue;
      times[kind].push(ms);
      busy[kind] += cpuMs(engine.pid) - before;
    }
  }
  const figure = (against: 'logits' | 'none', name: string, goal: number): Figure => {
    const ratios = times.score.map((ms, i) => ms / times[against][i]!);
    return {
      name: `audit of ${output.length} tokens (prompt ${prompt.length}) / ${name}`,
      measured: `${spread(ratios, 3)}; ${
        (quantile(times[against], 0.5) / ids.length).toFixed(3)
      } ms a row; by processor time of all cores ${(busy.score / busy[against]).toFixed(3)}`,
      goal: `<= ${goal.toFixed(2)}`,
      met: median(ratios) <= goal,
    };
  };
  return [
    figure('logits', 'prefill of the same ids with logits', 1.03),
    figure('none', 'bare prefill', 1.2),
  ];
}

/** The longest of a few answers. */
async function longAnswer(
  { engine, ...world }: AuditWorld,
  profileId: Uint8Array,
  newSeed: () => Uint8Array,
): Promise<{ prompt: readonly number[]; output: number[] }> {
  let best: Transcript | null = null;
  for (const { prompt } of await world.jobs(1, 6)) {
    const made = await transcribe(engine, {
      profileId,
      prompt,
      prefix: [],
      seed: newSeed(),
      sampling: { tq: 1024, pq: 65_536, maxTokens: TOKENS },
      stops: [],
    });
    if (best === null || made.output.length > best.output.length) best = made;
    if (best.output.length >= TOKENS) break;
  }
  return { prompt: best!.request.prompt, output: best!.output };
}

/** llama.cpp with the engine's settings and one thread. */
async function prefill(modelPath: string, contextSize: number) {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({
    contextSize,
    batchSize: MAX_ROWS,
    flashAttention: true,
    threads: 1,
  });
  const native = nativeContext(context);
  return {
    /** Milliseconds; rows from `first` on give logits. */
    async run(ids: readonly number[], first: number): Promise<number> {
      native.disposeSequence(0);
      native.setThreads(1);
      const started = performance.now();
      for (let at = 0; at < ids.length; at += MAX_ROWS) {
        const tokens = Uint32Array.from(ids.slice(at, at + MAX_ROWS));
        native.initBatch(tokens.length);
        const wanted = Uint32Array.from(tokens.keys()).filter((row) => at + row >= first);
        native.addToBatch(0, at, tokens, wanted);
        await native.decodeBatch();
      }
      return performance.now() - started;
    },
    async [Symbol.asyncDispose]() {
      await context.dispose();
      await model.dispose();
    },
  };
}
