/** Work probes of an engine on this machine: idle, beside other work, and throttled. */
import { dirname } from 'node:path';
import type { Measured } from '../feeds/fingerprints/mod.ts';
import type { LoadedModel, ProcessEngine } from '../node/engine/mod.ts';
import { createEngine } from '../node/engine/mod.ts';
import {
  evaluateWork,
  type JobTiming,
  type PlannedJob,
  planWork,
  type StepTiming,
  type WorkBounds,
} from '../fingerprint/work/mod.ts';
import type { BenchModel } from './model.ts';

/** The rule's usual value, in 10,000. */
export const TOLERANCE = 2_500;
/** Challengers that are combined. */
export const CHALLENGERS = 3;
/** Of a stopped and a running stretch of a throttled process, milliseconds. */
const SLICE_MS = 5;
/** Output tokens of a job of a quick probe. */
const QUICK_TOKENS = 64;
const SAMPLING = { tq: 1024, pq: 65_536 };

/** What a probe found, and how long it took. */
export interface Probed {
  measured: Measured;
  seconds: number;
}

/** An engine that is probed directly: what lies between two nodes is left out. */
export class ProbedMachine implements AsyncDisposable {
  readonly #engine: ProcessEngine;
  readonly #model: LoadedModel;
  readonly #ends: ReadonlySet<number>;
  #claim: WorkBounds['claim'] = null;

  private constructor(engine: ProcessEngine, model: LoadedModel) {
    this.#engine = engine;
    this.#model = model;
    this.#ends = new Set(model.endTokens);
  }

  static async open({ path, profile }: BenchModel): Promise<ProbedMachine> {
    const engine = createEngine({
      roots: [dirname(path)],
      gpu: false,
      threads: { single: 1, batch: 1, pad: false },
    });
    const files = { weights: path, vocabulary: path };
    return new ProbedMachine(engine, await engine.load(profile, files, { weights: true }));
  }

  /** The engine's process. */
  get pid(): number {
    return this.#engine.pid!;
  }

  /** Learns how fast it is, so that later plans fit. */
  async warm(quick: boolean): Promise<void> {
    const { prefill, decode, streams, context } = (await this.probe(true)).measured;
    const said = { prefill: prefill.median / 1000, decode: decode.median / 1000 };
    const most = quick ? 1 : Math.min(4, this.#model.slots);
    this.#claim = { ...said, streams: streams.length > 1 ? streams.length : most, context };
  }

  async probe(quick: boolean): Promise<Probed> {
    const { contextSize } = this.#model, from = performance.now();
    const plan = planWork(crypto.getRandomValues(new Uint8Array(32)), {
      contextSize,
      maxPromptTokens: contextSize,
      // So many probes of a small model as a bound on rare events needs are to fit into minutes.
      maxTokens: quick ? QUICK_TOKENS : contextSize,
      claim: this.#claim,
      runs: 9,
      quick,
    });
    const timings: StepTiming[] = [];
    for (const { jobs } of plan.steps) {
      timings.push(await Promise.all(jobs.map((job) => this.#job(job))));
    }
    const figures = evaluateWork(plan, timings, 0);
    const measured = { ...figures, raw: { backend: 'none' as const, rate: 0, memory: 0 } };
    return { measured, seconds: (performance.now() - from) / 1000 };
  }

  async #job({ nonce, promptTokens, maxTokens }: PlannedJob): Promise<JobTiming | null> {
    const { vocabularySize, profileId } = this.#model;
    const ids = crypto.getRandomValues(new Uint32Array(promptTokens));
    const prompt = Array.from(ids, (id) => id % vocabularySize)
      .map((id) => this.#ends.has(id) ? 0 : id);
    const sentAt = performance.now();
    let firstAt = 0, lastAt = 0, tokens = 0;
    const run = this.#engine.generate({
      profileId,
      prompt,
      prefix: [],
      seed: nonce,
      sampling: { ...SAMPLING, maxTokens },
      stops: [],
    });
    for await (const _ of run) {
      lastAt = performance.now();
      if (tokens++ === 0) firstAt = lastAt;
    }
    if (tokens === 0) return null;
    return { verified: true, promptTokens, tokens, sentAt, firstAt, lastAt };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine.close();
  }
}

/** A process that keeps one core busy until it is disposed of. */
export function busyCore(): Disposable {
  const child = new Deno.Command(Deno.execPath(), {
    args: ['eval', 'while (true);'],
    stdin: 'null',
    stdout: 'null',
    stderr: 'null',
  }).spawn();
  return { [Symbol.dispose]: () => child.kill('SIGKILL') };
}

/** Lets a process run half of the time, as a quota of the kernel would: stopped and resumed in turn. */
export function throttled(pid: number): Disposable {
  let isStopped = false, stopped = 0, ran = 0, since = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (isStopped) stopped += now - since;
    else ran += now - since;
    since = now;
    const stop = stopped < ran;
    if (stop !== isStopped) Deno.kill(pid, stop ? 'SIGSTOP' : 'SIGCONT');
    isStopped = stop;
  }, SLICE_MS);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      if (isStopped) Deno.kill(pid, 'SIGCONT');
    },
  };
}
