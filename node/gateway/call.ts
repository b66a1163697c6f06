import type { AnswerEnd } from './answer.ts';
import type { Metrics } from './metrics.ts';
import type { Grant } from './rates.ts';
import type { Spend } from './spending.ts';
import type { RequestLog } from './types.ts';

const MAX_PATH = 128;

/** What a request's record needs of its gateway. */
export interface CallDeps {
  now: () => number;
  /** Monotonic milliseconds. */
  tick: () => number;
  metrics: Metrics;
  onRequest: ((log: RequestLog) => void) | undefined;
}

/** One request from its arrival to its end: what its log line and its figures will say. */
export class Call {
  readonly id = crypto.randomUUID();
  readonly log: RequestLog;
  /** What it waits for before it ends: answers outlive their handler. */
  lasts: Promise<void> | null = null;
  #grant: Grant | null = null;
  #spend: Spend | null = null;
  readonly #releases: (() => void)[] = [];
  readonly #route: string;
  readonly #deps: CallDeps;
  readonly #start: number;
  #failure: string | null = null;
  #ended = false;

  constructor(method: string, path: string, route: string, deps: CallDeps) {
    this.#route = route;
    this.#deps = deps;
    this.#start = deps.tick();
    this.log = {
      at: deps.now(),
      method,
      path: path.slice(0, MAX_PATH),
      status: 0,
      key: null,
      model: null,
      executor: null,
      job: null,
      promptTokens: null,
      outputTokens: null,
      ncu: null,
      firstTokenMs: null,
      totalMs: 0,
      tokensPerSecond: null,
      outcome: 'ok',
    };
  }

  /** Headers that its answer carries, whatever it is. */
  get headers(): Record<string, string> {
    return { ...this.#grant?.headers, ...this.#spend?.headers };
  }

  /** Something to be let go at its end. */
  holds(release: () => void): void {
    this.#releases.push(release);
  }

  granted(grant: Grant): void {
    this.#grant = grant;
    this.holds(grant.leave);
  }

  /** What its answers may cost is set aside. */
  pays(spend: Spend): void {
    this.#spend = spend;
    this.holds(spend.leave);
  }

  /** Where the first of the answers goes. */
  routed(job: string, executor: string): void {
    this.log.job ??= job;
    this.log.executor ??= executor;
  }

  /**
   * Another executor goes on with an answer.
   * @throws {ApiError} where its key cannot pay for that
   */
  failover(index: number): void {
    this.#deps.metrics.failover();
    this.#spend?.again(index);
  }

  /** An answer has ended. @param prompt its tokens; 0 where another answer has read the same one */
  answered(end: AnswerEnd, prompt: number): void {
    const { log } = this;
    log.job ??= end.job;
    log.executor = end.executor;
    log.promptTokens = (log.promptTokens ?? 0) + prompt;
    log.outputTokens = (log.outputTokens ?? 0) + end.outputTokens;
    log.firstTokenMs ??= end.firstTokenMs;
    log.tokensPerSecond ??= end.tokensPerSecond;
    if (end.finish !== 'cancelled') log.outcome = end.finish;
    this.#grant?.spend(prompt + end.outputTokens);
    if (end.ncu !== null) {
      log.ncu = (log.ncu ?? 0) + end.ncu;
      this.#spend?.charge(end.ncu);
      this.#deps.metrics.spent(log.key, end.ncu);
    }
    this.#deps.metrics.answer(prompt, end.outputTokens, end.firstTokenMs);
  }

  /** It failed, whatever becomes of answers that still run. @param code what the client was told */
  failed(code: string): void {
    this.#failure ??= code;
  }

  /** Tokens of an answer that did not come to its end. */
  broken(index: number, outputTokens: number): void {
    this.log.outputTokens = (this.log.outputTokens ?? 0) + outputTokens;
    this.#grant?.spend(outputTokens);
    this.#spend?.broken(index, outputTokens);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.log.outcome = this.#failure ?? this.log.outcome;
    this.log.totalMs = this.#deps.tick() - this.#start;
    for (const release of this.#releases) release();
    this.#deps.metrics.request(this.#route, this.log);
    this.#deps.onRequest?.(this.log);
  }
}
