import { equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import { type Profile, profileId } from '../../feeds/records/mod.ts';
import type { Backend } from './backend.ts';
import { calibrate } from './calibrate.ts';
import { checkIds, checkRequest, checkScore, REQUEST_LIMITS } from './check.ts';
import { determinismClass } from './determinism.ts';
import { Mutex } from './mutex.ts';
import type { GenerationHandle, GenerationSink } from './job.ts';
import { type Entry, loadVocabulary, loadWeights } from './entry.ts';
import type { Scheduler } from './scheduler.ts';
import type { ScoreSink } from './scorer.ts';
import { selfTest } from './selftest.ts';
import { chatTokens, rawTokens } from './template.ts';
import type {
  ChatMessage,
  EngineInfo,
  GenerateRequest,
  LoadedModel,
  ModelFiles,
  ScoreRequest,
  SelfTestResult,
  Threads,
} from './types.ts';

export interface CoreOptions {
  /** For every model. */
  threads?: Threads;
  /** Measured before, by profile id (hex); {@link EngineCore.calibrate} measures what is missing. */
  calibrated?: Readonly<Record<string, Threads>>;
  /** Answers decoded at once, at most. */
  maxSlots: number;
  /** Share of the time that scoring may take beside answers, 0 to 1. */
  scoreShare: number;
  /** Bytes that sessions may take together; one session is always possible. */
  sessionBytes: number;
  /** Classes (hex) that passed the self-test on this machine before. */
  knownExact: readonly string[];
  /** Milliseconds, monotonic. */
  now: () => number;
}

/** A model with the threads that were measured for it. */
export interface Calibrated {
  model: LoadedModel;
  threads: Threads;
}

/** Everything that an engine does, over some backend, without a process or a transport. */
export class EngineCore {
  readonly #backend: Backend;
  readonly #options: CoreOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Mutex();
  readonly #turn = new Mutex();
  readonly #exact: Set<string>;

  constructor(backend: Backend, options: CoreOptions) {
    this.#backend = backend;
    this.#options = options;
    this.#exact = new Set(options.knownExact);
  }

  info(): Promise<EngineInfo> {
    return this.#backend.info();
  }

  load(
    profile: Profile,
    files: ModelFiles,
    weights: boolean,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    return this.#loading.run(async () => {
      signal.throwIfAborted();
      const key = toHex(profileId(profile));
      const known = this.#entries.get(key);
      if (known && (known.model !== null || !weights)) return this.#describe(known);
      const entry = weights
        ? await loadWeights(this.#backend, this.#options, this.#turn, profile, files, signal)
        : await loadVocabulary(this.#backend, profile, files, signal);
      this.#entries.set(key, entry);
      await known?.dispose();
      return this.#describe(entry);
    });
  }

  unload(id: Uint8Array): Promise<void> {
    return this.#loading.run(async () => {
      const entry = this.#entries.get(toHex(id));
      if (entry === undefined) return;
      this.#entries.delete(toHex(id));
      await entry.scheduler?.close(
        new NexusError('MODEL_UNLOADED', 'the model was unloaded while it answered', {
          hint: 'load it again',
          stage: 'decode',
        }),
      );
      await this.#turn.run(entry.dispose);
    });
  }

  tokenizeChat(id: Uint8Array, messages: readonly ChatMessage[]): number[] {
    const length = messages.reduce((sum, { content }) => sum + content.length, 0);
    checkLength(length);
    return chatTokens(this.#entry(id).vocabulary, messages);
  }

  tokenizeText(id: Uint8Array, text: string): number[] {
    checkLength(text.length);
    return rawTokens(this.#entry(id).vocabulary, text);
  }

  /** @throws {NexusError} `BAD_TOKEN`: ids come from peers, and others would have to go on from them */
  detokenize(id: Uint8Array, lists: readonly (readonly number[])[]): string[] {
    const { vocabulary } = this.#entry(id);
    return lists.map((ids) => {
      checkIds(ids, vocabulary.size);
      return vocabulary.detokenize(ids);
    });
  }

  isEnd(id: Uint8Array, token: number): boolean {
    return this.#entry(id).vocabulary.isEnd(token);
  }

  generate(request: GenerateRequest, sink: GenerationSink): GenerationHandle {
    const entry = this.#entry(request.profileId);
    const scheduler = this.#scheduler(entry);
    checkRequest(request, {
      contextSize: entry.profile.contextSize,
      vocabularySize: entry.vocabulary.size,
    });
    return scheduler.submit(request, sink);
  }

  score(request: ScoreRequest, sink: ScoreSink): GenerationHandle {
    const entry = this.#entry(request.profileId);
    const scheduler = this.#scheduler(entry);
    checkScore(request, {
      contextSize: entry.profile.contextSize,
      vocabularySize: entry.vocabulary.size,
    });
    return scheduler.score(request, sink);
  }

  /** Compares prefill with decode, bit by bit; nothing else is evaluated meanwhile. */
  async selfTest(id: Uint8Array, budgetMs: number): Promise<SelfTestResult> {
    const entry = this.#entry(id);
    const scheduler = this.#scheduler(entry);
    const { contextSize } = entry.profile, vocabularySize = entry.vocabulary.size;
    const result = await scheduler.exclusive((awaited) =>
      selfTest(entry.model!, {
        contextSize,
        vocabularySize,
        budgetMs,
        now: this.#options.now,
        awaited,
      })
    );
    if (result.passed === true) this.#exact.add(toHex(entry.loaded.class));
    else if (result.passed === false) this.#exact.delete(toHex(entry.loaded.class));
    this.#describe(entry);
    return { ...result, class: entry.loaded.class };
  }

  /**
   * Measures the threads of a model that has been idle, once, unless they were given. Returns it as
   * it is from then on; null where there was nothing to do or no time.
   */
  async calibrate(id: Uint8Array): Promise<Calibrated | null> {
    const entry = this.#entry(id);
    if (entry.scheduler === null || entry.calibrated) return null;
    const threads = await entry.scheduler.exclusive((awaited) =>
      calibrate(entry.model!, {
        vocabularySize: entry.vocabulary.size,
        contextSize: entry.profile.contextSize,
        now: this.#options.now,
        awaited,
      })
    );
    if (threads === null) return null;
    entry.calibrated = true;
    entry.model!.threads = threads;
    entry.loaded.threads = threads.batch;
    entry.loaded.class = determinismClass(await this.#backend.facts(), threads, entry.profile);
    return { model: this.#describe(entry), threads };
  }

  /** Calibrates what has had something to do and then nothing for a while. */
  async calibrateIdle(idleMs: number): Promise<Calibrated | null> {
    for (const { loaded, scheduler, calibrated } of [...this.#entries.values()]) {
      if (calibrated || scheduler === null || !scheduler.used || scheduler.idleMs < idleMs) {
        continue;
      }
      const done = await this.calibrate(loaded.profileId);
      if (done !== null) return done;
    }
    return null;
  }

  /** Gives back memory that nobody needs any more. */
  async tidy(): Promise<void> {
    for (const { scheduler } of this.#entries.values()) await scheduler?.tidy();
  }

  async close(): Promise<void> {
    for (const { profile } of [...this.#entries.values()]) await this.unload(profileId(profile));
  }

  #describe(entry: Entry): LoadedModel {
    const exact = entry.model !== null && this.#exact.has(toHex(entry.loaded.class));
    entry.loaded.determinism = exact ? 'exact' : 'tolerant';
    return entry.loaded;
  }

  #entry(id: Uint8Array): Entry {
    const entry = this.#entries.get(toHex(id));
    if (entry !== undefined && equalBytes(entry.loaded.profileId, id)) return entry;
    throw new NexusError('MODEL_NOT_LOADED', `no model with profile ${toHex(id)} is loaded`, {
      hint: 'load it first',
      stage: 'load',
    });
  }

  #scheduler(entry: Entry): Scheduler {
    if (entry.scheduler !== null) return entry.scheduler;
    throw new NexusError('MODEL_NO_WEIGHTS', 'only the vocabulary of this model is loaded', {
      hint: 'load it with its weights to decode here',
      stage: 'load',
    });
  }
}

function checkLength(length: number): void {
  if (length <= REQUEST_LIMITS.textLength) return;
  throw new NexusError('TEXT_TOO_LONG', `the text has ${length} characters`, {
    hint: `send at most ${REQUEST_LIMITS.textLength}`,
  });
}
