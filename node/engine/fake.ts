import { Broadcast, NexusError } from '../../feeds/base/mod.ts';
import { EngineCore } from './core.ts';
import { createFakeBackend } from './fake/backend.ts';
import { pulled } from './pulled.ts';
import { NOT_BEGUN } from './remote_generation.ts';
import { NOT_SCORED } from './remote_score.ts';
import { remoteTextStream } from './remote_text.ts';
import type { Engine, EngineEvent } from './types.ts';

export interface FakeEngineOptions {
  /** Awaited before each batch, with its number of rows: where a simulation lets time pass. */
  beforeStep?: (rows: number) => Promise<void>;
  /** Answers decoded at once, at most; 8 by default. */
  maxSlots?: number;
  /** Share of the time for scoring beside answers; 0.1 by default. */
  scoreShare?: number;
  /** Milliseconds, monotonic. */
  now?: () => number;
}

/** An engine without a process, for tests and simulations. */
export interface FakeEngine extends Engine {
  /** Fails what is in flight with `ENGINE_LOST`, as a killed process would. */
  lose(reason?: string): void;
}

/**
 * A deterministic engine: real scheduling, sampling and text, over logits that are a hash of the
 * tokens before. Equal seeds and profiles give equal answers; a forced prefix goes on like the
 * undisturbed answer. Any file name will do.
 */
export function createFakeEngine(options: FakeEngineOptions = {}): FakeEngine {
  const events = new Broadcast<EngineEvent>();
  const core = new EngineCore(createFakeBackend(options.beforeStep ?? (() => Promise.resolve())), {
    maxSlots: options.maxSlots ?? 8,
    scoreShare: options.scoreShare ?? 0.1,
    sessionBytes: 2 ** 20,
    knownExact: [],
    now: options.now ?? (() => performance.now()),
    threads: { single: 1, batch: 1, pad: false },
  });
  const running = new Set<(error: NexusError) => void>();
  const close = async () => {
    await core.close();
    events.close();
  };
  const never = new AbortController().signal;
  return {
    events,
    info: () => core.info(),
    load: (profile, files, { weights, signal }) =>
      core.load(profile, files, weights, signal ?? never),
    unload: (id) => core.unload(id),
    // deno-lint-ignore require-await -- so that errors reject
    tokenizeChat: async (id, messages) => core.tokenizeChat(id, messages),
    // deno-lint-ignore require-await -- so that errors reject
    tokenizeText: async (id, text) => core.tokenizeText(id, text),
    textStream: (id, stops) =>
      // deno-lint-ignore require-await -- so that errors reject
      remoteTextStream(async (lists) => core.detokenize(id, lists), stops),
    generate: (request, signal) =>
      pulled(
        (receiver) => {
          running.add(receiver.fail);
          const handle = core.generate(request, receiver);
          return {
            credit: (taken) => handle.credit(taken),
            cancel: () => handle.cancel(),
            forget: () => running.delete(receiver.fail),
          };
        },
        NOT_BEGUN,
        signal,
      ),
    score: (request, signal) =>
      pulled(
        (receiver) => {
          running.add(receiver.fail);
          const handle = core.score(request, receiver);
          return {
            credit: (taken) => handle.credit(taken),
            cancel: () => handle.cancel(),
            forget: () => running.delete(receiver.fail),
          };
        },
        NOT_SCORED,
        signal,
      ),
    selfTest: (id, { budgetMs = 60_000 } = {}) => core.selfTest(id, budgetMs),
    lose(reason = 'killed by SIGKILL') {
      events.emit({ type: 'lost', reason, restartMs: 0 });
      const error = new NexusError('ENGINE_LOST', `the engine process was lost: ${reason}`, {
        hint: 'the job can be retried: the engine starts again by itself',
        stage: 'decode',
      });
      for (const fail of [...running]) fail(error);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
