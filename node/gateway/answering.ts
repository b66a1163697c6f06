import { NexusError } from '../../feeds/base/mod.ts';
import { type AnswerEnd, type AnswerEvent, answerEvent } from './answer.ts';
import type { Call } from './call.ts';
import { apiError } from './errors.ts';
import { type Format, type Head, usageOf } from './format.ts';
import { later } from './later.ts';
import { merge, type Numbered } from './merge.ts';
import type { Asked } from './prompts.ts';
import type { Turns } from './turns.ts';
import type { GatewayModel, GatewayNode } from './types.ts';

type Pulled = Numbered<AnswerEvent>;

/** Of a job's id in a response's: it stands in every chunk. */
const ID_CHARS = 24;

/** All answers of one request while they come. */
export class Answering {
  /** Resolves when none of them takes anything of the node any more, and the client was told. */
  readonly settled: Promise<void>;
  readonly #head: Head;
  readonly #asked: Asked;
  readonly #format: Format;
  readonly #call: Call;
  readonly #own: (job: string) => void;
  readonly #stop = new AbortController();
  readonly #told = later<void>();
  readonly #events: AsyncGenerator<Pulled, void, void>;
  readonly #ends: AnswerEnd[] = [];
  readonly #begun = new Set<number>();
  #next: Promise<IteratorResult<Pulled, void>> | null = null;

  /** @param gone aborts when the client has left */
  constructor(
    node: GatewayNode,
    model: GatewayModel,
    asked: Asked,
    parts: {
      format: Format;
      call: Call;
      turns: Turns;
      gone: AbortSignal;
      /** Called with each job that is begun for the request. */
      own: (job: string) => void;
      now: () => number;
    },
  ) {
    const { format, call, turns, gone, own, now } = parts;
    this.#asked = asked;
    this.#format = format;
    this.#call = call;
    this.#own = own;
    this.#head = {
      id: '',
      created: Math.floor(now() / 1000),
      model: asked.model,
      fingerprint: `fp_${model.profile.slice(0, 16)}`,
      includeUsage: asked.includeUsage,
    };
    const signal = AbortSignal.any([gone, this.#stop.signal]);
    const settled = asked.runs.map(() => later<void>());
    const all = [this.#told, ...settled].map(({ promise }) => promise);
    this.settled = Promise.all(all).then(() => {});
    const begin = async (index: number) => {
      const leave = await turns.take(signal);
      settled[index]!.promise.then(leave);
      // The id: names are claims, and two peers may mean different models by one.
      return node.run({ ...asked.runs[index]!, model: model.profile }, signal);
    };
    this.#events = merge(
      asked.runs.map((_, index) => this.#booked(index, () => begin(index), settled[index]!)),
    );
  }

  /** Job of the first answer that found its executor; there once {@link begin} is over. */
  get job(): string | null {
    return this.#call.log.job;
  }

  /**
   * Waits for the first text, so that what fails before it gets its own status; where an executor
   * is found but takes its time, not longer than `headMs`.
   */
  async begin(headMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = later<null>();
    try {
      for (;;) {
        this.#next ??= this.#events.next();
        const first = await Promise.race([this.#next, late.promise]);
        if (first === null || first.done) return;
        const { type } = first.value.value;
        if (type === 'text' || type === 'end') return;
        this.#next = null;
        timer ??= setTimeout(() => late.resolve(null), headMs);
      }
    } catch (thrown) {
      this.stop();
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The whole, once all answers have ended. */
  async whole(): Promise<Record<string, unknown>> {
    try {
      while (await this.#pull() !== null);
      return this.#format.whole(this.#head, this.#ends, usageOf(this.#ends, this.#asked.n));
    } finally {
      this.stop();
    }
  }

  /**
   * The server-sent events of the answers, each piece ready to be written. What fails is told as an
   * event with `error`, and then nothing comes: neither a finish reason nor `[DONE]`.
   */
  async *stream(): AsyncGenerator<string, void, void> {
    try {
      for (let event = await this.#pull(); event !== null; event = await this.#pull()) {
        const text = this.#chunks(event).map(sse).join('');
        if (text !== '') yield text;
      }
      const usage = usageOf(this.#ends, this.#asked.n);
      const last = this.#head.includeUsage ? sse(this.#format.usage(this.#head, usage)) : '';
      yield `${last}data: [DONE]\n\n`;
    } catch (thrown) {
      const error = apiError(thrown);
      this.#call.failed(error.code);
      yield sse(error.body());
    } finally {
      this.stop();
    }
  }

  /** Cancels what still runs; nothing if all is over. */
  stop(): void {
    this.#told.resolve();
    this.#stop.abort();
    this.#events.return().catch(() => {});
  }

  /** @throws {NexusError} what ended an answer before its end */
  async #pull(): Promise<Pulled | null> {
    const next = await (this.#next ?? this.#events.next());
    this.#next = null;
    if (next.done) return null;
    const { value } = next.value;
    if (value.type === 'end' && value.end.finish === 'cancelled') {
      throw new NexusError('CANCELLED', 'the answer was cancelled before its end', {
        stage: 'decode',
      });
    }
    return next.value;
  }

  /** Events of one run, booked as they come: also those that nobody waits for any more. */
  async *#booked(
    index: number,
    begin: () => Promise<ReturnType<GatewayNode['run']>>,
    settled: { resolve: () => void },
  ): AsyncGenerator<AnswerEvent, void, void> {
    const call = this.#call;
    let tokens = 0;
    try {
      for await (const event of await begin()) {
        const read = answerEvent(event);
        if (read === null) continue;
        if (read.type === 'route') {
          this.#head.id ||= this.#format.prefix + read.job.slice(0, ID_CHARS);
          this.#own(read.job);
          call.routed(read.job, read.executor);
        }
        if (read.type === 'failover') call.failover(index);
        if (read.type === 'text') tokens += read.tokens;
        if (read.type === 'end') {
          tokens = 0;
          this.#ends[index] = read.end;
          call.answered(read.end, index % this.#asked.n === 0 ? read.end.promptTokens : 0);
        }
        yield read;
      }
    } finally {
      if (tokens > 0) call.broken(index, tokens);
      settled.resolve();
    }
  }

  #chunks({ index, value }: Pulled): Record<string, unknown>[] {
    const chunks: Record<string, unknown>[] = [];
    if (value.type !== 'text' && value.type !== 'end') return chunks;
    const opening = this.#begun.has(index) ? null : this.#format.opening(this.#head, index);
    this.#begun.add(index);
    if (opening !== null) chunks.push(opening);
    if (value.type === 'end') chunks.push(this.#format.ending(this.#head, index, value.end));
    else if (value.text !== '') chunks.push(this.#format.text(this.#head, index, value.text));
    return chunks;
  }
}

function sse(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
