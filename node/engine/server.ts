import { setImmediate } from 'node:timers';
import { asNexusError, fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import { profileFromJson } from '../../feeds/records/mod.ts';
import type { Backend } from './backend.ts';
import { EngineCore } from './core.ts';
import type { GenerationHandle } from './job.ts';
import { scoredToWire, scoreFromWire } from './score_wire.ts';
import type { ChatMessage, GeneratedToken, ScoredPosition } from './types.ts';
import {
  type FromEngine,
  type InitOptions,
  modelToWire,
  requestFromWire,
  type ToEngine,
  type WireSelfTest,
} from './wire.ts';

/** Idle time after which a model's threads are measured, ms. */
const CALIBRATE_AFTER_MS = 2000;

/** The engine's end of the pipe: takes messages, gives answers. */
export class EngineServer {
  readonly #createBackend: (options: InitOptions) => Promise<Backend>;
  readonly #send: (messages: FromEngine[]) => void;
  readonly #now: () => number;
  readonly #running = new Map<number, GenerationHandle>();
  readonly #loads = new Map<number, AbortController>();
  #core: EngineCore | null = null;
  #outbox: (FromEngine | (() => FromEngine))[] = [];
  #ticking = false;

  constructor(options: {
    createBackend: (options: InitOptions) => Promise<Backend>;
    /** Writes messages; those of one step come together. */
    send: (messages: FromEngine[]) => void;
    now: () => number;
  }) {
    this.#createBackend = options.createBackend;
    this.#send = options.send;
    this.#now = options.now;
  }

  /** Handles one message; never throws. */
  async handle(message: ToEngine): Promise<void> {
    try {
      if (message.op === 'credit') this.#running.get(message.id)?.credit(message.taken);
      else if (message.op === 'cancel') this.#cancel(message.id);
      else if (message.op === 'generate') this.#generate(message);
      else if (message.op === 'score') this.#score(message);
      else this.#post({ id: message.id, ok: (await this.#call(message)) ?? null });
    } catch (thrown) {
      this.#post({ id: message.id, error: asNexusError(thrown).toJSON() });
    }
  }

  /** Housekeeping; to be called every second or so. */
  async tick(): Promise<void> {
    if (this.#core === null || this.#ticking) return;
    this.#ticking = true;
    try {
      await this.#core.tidy();
      const done = await this.#core.calibrateIdle(CALIBRATE_AFTER_MS);
      if (done === null) return;
      this.#post({ event: 'calibrated', model: modelToWire(done.model), threads: done.threads });
    } finally {
      this.#ticking = false;
    }
  }

  async #call(message: ToEngine): Promise<unknown> {
    switch (message.op) {
      case 'init':
        return await this.#init(message.options);
      case 'info':
        return await this.#ready().info();
      case 'load':
        return await this.#load(message);
      case 'unload':
        return await this.#ready().unload(fromHex(message.profile, 32));
      case 'chat':
        return this.#ready().tokenizeChat(
          fromHex(message.profile, 32),
          message.messages as ChatMessage[],
        );
      case 'tokenize':
        return this.#ready().tokenizeText(fromHex(message.profile, 32), message.text);
      case 'detokenize':
        return this.#ready().detokenize(fromHex(message.profile, 32), message.lists);
      case 'selftest':
        return await this.#selfTest(fromHex(message.profile, 32), message.budgetMs);
      default:
        throw new NexusError('BAD_REQUEST', `the engine does not know ${String(message.op)}`);
    }
  }

  async #init(options: InitOptions): Promise<unknown> {
    const backend = await this.#createBackend(options);
    const { maxSlots, scoreShare, sessionBytes, knownExact, threads, calibrated } = options;
    this.#core = new EngineCore(backend, {
      maxSlots,
      scoreShare,
      sessionBytes,
      knownExact,
      calibrated,
      now: this.#now,
      ...(threads === null ? {} : { threads }),
    });
    return await backend.info();
  }

  async #selfTest(profile: Uint8Array, budgetMs: number): Promise<WireSelfTest> {
    const result = await this.#ready().selfTest(profile, budgetMs);
    return { ...result, class: toHex(result.class) };
  }

  async #load(message: Extract<ToEngine, { op: 'load' }>): Promise<unknown> {
    const abort = new AbortController();
    this.#loads.set(message.id, abort);
    try {
      const profile = profileFromJson(message.profile);
      const { files, weights } = message;
      return modelToWire(await this.#ready().load(profile, files, weights, abort.signal));
    } finally {
      this.#loads.delete(message.id);
    }
  }

  #generate({ id, request }: Extract<ToEngine, { op: 'generate' }>): void {
    const handle = this.#ready().generate(requestFromWire(request), {
      next: (token) => this.#token(id, token),
      end: (end) => {
        this.#running.delete(id);
        this.#post({ id, end });
      },
      fail: (error) => {
        this.#running.delete(id);
        this.#post({ id, error: error.toJSON() });
      },
    });
    this.#running.set(id, handle);
  }

  #score({ id, request }: Extract<ToEngine, { op: 'score' }>): void {
    const over = () => this.#running.delete(id);
    let scored: ScoredPosition[] = [];
    // Those of one batch leave together, and are turned into text while the next one is evaluated.
    const leave = () => {
      const message = { id, scored: scored.map(scoredToWire) };
      scored = [];
      return message;
    };
    const handle = this.#ready().score(scoreFromWire(request), {
      next: (position) => {
        if (scored.push(position) === 1) this.#post(leave);
      },
      end: (scoreEnd) => over() && this.#post({ id, scoreEnd }),
      fail: (error) => over() && this.#post({ id, error: error.toJSON() }),
    });
    this.#running.set(id, handle);
  }

  #token(id: number, token: GeneratedToken): void {
    const { position, text, logit, candidates } = token;
    this.#post({ id, tokens: [[token.id, position, text, logit, candidates]] });
  }

  #cancel(id: number): void {
    this.#running.get(id)?.cancel();
    this.#loads.get(id)?.abort(
      new NexusError('CANCELLED', 'loading the model was cancelled', { stage: 'load' }),
    );
  }

  #ready(): EngineCore {
    if (this.#core !== null) return this.#core;
    throw new NexusError('ENGINE_NOT_READY', 'the engine has not started yet');
  }

  /**
   * Messages of one turn of the event loop leave in one write, after the next step was started: it
   * runs on other threads meanwhile.
   */
  #post(message: FromEngine | (() => FromEngine)): void {
    this.#outbox.push(message);
    if (this.#outbox.length > 1) return;
    setImmediate(() => {
      const messages = this.#outbox;
      this.#outbox = [];
      this.#send(messages.map((message) => typeof message === 'function' ? message() : message));
    });
  }
}
