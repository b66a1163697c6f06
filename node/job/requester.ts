import { asNexusError, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { FinishReason } from '../../feeds/records/mod.ts';
import type { TextStream } from '../engine/mod.ts';
import { Attempt, type AttemptEnd } from './attempt.ts';
import { systemClock } from './clock.ts';
import type { RequesterDeps } from './deps.ts';
import type { AttemptReceipt, JobEvent } from './events.ts';
import type { BuiltOffer, Job } from './offer.ts';
import { jobOf, type JobRequest } from './request.ts';
import { costOf, FREE, spendingOn } from './purse.ts';
import { route } from './route.ts';
import type { Logged } from './log.ts';
import { JOB_RULES } from './rules.ts';
import { type Choice, Search } from './search.ts';

/**
 * Runs one job to its end: events as they come, `done` last. Tokens are pulled: a reader who pauses
 * pauses the executor, and nothing piles up here. Leaving the loop cancels the job.
 * @throws {NexusError} `NOBODY_REACHABLE` if nobody took the job; else the code of the root cause,
 * naming the peer, the stage and how many tokens had come
 */
export async function* runJob(
  request: JobRequest,
  deps: RequesterDeps,
): AsyncGenerator<JobEvent, void, void> {
  const full: Required<RequesterDeps> = {
    rules: JOB_RULES,
    clock: systemClock,
    heads: () => [],
    random: Math.random,
    keep: () => {},
    purse: FREE,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    ...deps,
  };
  yield* new Run(request, full, await jobOf(request, full)).events();
}

/** A token event, its text still to be added. */
type Tokens = { ids: number[]; bytes: Uint8Array };

class Run {
  readonly #deps: Required<RequesterDeps>;
  readonly #job: Job;
  readonly #search: Search;
  readonly #text: TextStream;
  readonly #signal: AbortSignal;
  readonly #output: number[] = [];
  /** One artifact byte an id. */
  readonly #bytes: number[] = [];
  readonly #start: number;
  #shown = '';
  #firstAt: number | null = null;
  #lastAt = 0;
  #offers = 0;
  #accepted = 0;
  #class: Uint8Array | null = null;
  #lost: { from: string; error: NexusError } | null = null;
  readonly #ended: Attempt[] = [];
  /** What executors are to be paid, micro-NCU. */
  #cost = 0;

  constructor(request: JobRequest, deps: Required<RequesterDeps>, job: Job) {
    this.#deps = deps;
    this.#job = job;
    this.#start = deps.clock.tick();
    this.#signal = request.signal ?? new AbortController().signal;
    this.#search = new Search(deps, job, request.where, request.exclude ?? new Map());
    this.#text = deps.engine.textStream(request.profile, request.stops ?? []);
  }

  async *events(): AsyncGenerator<JobEvent, void, void> {
    let finish: FinishReason | null = null;
    while (finish === null) {
      // Every token came, only the last word did not.
      if (this.#output.length >= this.#job.sampling.maxTokens) finish = 'length';
      else if (this.#signal.aborted) finish = 'cancelled';
      else finish = yield* this.#attempt(await this.#choose());
    }
    const text = await this.#text.end();
    if (text !== '') {
      this.#shown += text;
      yield { type: 'token', text, ids: [], position: this.#output.length };
    }
    yield await this.#done(finish);
  }

  async #choose(): Promise<Choice | null> {
    const search = this.#search, done = this.#output.length;
    const choice = this.#accepted < this.#deps.rules.maxAttempts
      ? await search.next(done, this.#class, this.#signal)
      : null;
    if (choice === null && !this.#signal.aborted) throw await search.nobody(done, this.#class);
    if (choice === null || choice.chosen.candidate.isLocal) return choice;
    // Another job of this node may have taken the money meanwhile.
    const short = this.#deps.purse.reserve(spendingOn(this.#job, this.#offers, done));
    if (short !== null) throw short;
    return choice;
  }

  /** One attempt; the finish reason if the answer is over with it. */
  async *#attempt(choice: Choice | null): AsyncGenerator<JobEvent, FinishReason | null, void> {
    if (choice === null) return 'cancelled';
    const { candidate } = choice.chosen;
    const executor = toHex(candidate.executor);
    const number = this.#offers++;
    if (this.#lost !== null) {
      const { from, error } = this.#lost;
      this.#lost = null;
      const cause = error.toJSON();
      yield { type: 'failover', from, to: executor, cause, tokens: this.#output.length };
    }
    yield route(this.#job, number, choice);
    const attempt = new Attempt({
      job: this.#job,
      candidate,
      attempt: number,
      prefix: [...this.#output],
      deps: this.#deps,
      signal: this.#signal,
    });
    this.#ended.push(attempt);
    const events = attempt.run();
    let accepted = false;
    try {
      let step = await events.next();
      while (!step.done) {
        const event = step.value;
        if (event.type === 'position') {
          if (!accepted) this.#accept(candidate.class);
          accepted = true;
          const { position } = event;
          if (position > 0) yield { type: 'queued', attempt: number, executor, position };
          step = await events.next();
          continue;
        }
        const text = await this.#push(event).catch((thrown) => asNexusError(thrown));
        if (text instanceof NexusError) {
          // The executor's fault where the ids are no ids; ours where the vocabulary is lost.
          if (!text.code.startsWith('BAD_')) throw text;
          step = await events.throw(text);
          continue;
        }
        yield { type: 'token', text, ids: event.ids, position: event.position };
        step = await events.next();
      }
    } finally {
      await events.return();
    }
    const { outcome, finish, error } = attempt.end;
    this.#pay(attempt.end, number, candidate.isLocal);
    if (outcome === 'done' || outcome === 'cancelled') return finish;
    this.#search.failed(candidate.executor, error!, outcome === 'refused');
    if (accepted) this.#lost = { from: executor, error: error! };
    else yield { type: 'refused', attempt: number, executor, error: error!.toJSON() };
    return null;
  }

  /** What is known now of an attempt's cost: the rest of the most that was set aside is free. */
  #pay(
    { outcome, error, offer, summary, received }: AttemptEnd,
    attempt: number,
    isLocal: boolean,
  ): void {
    const { purse } = this.#deps;
    // Its executor may be at work all the same.
    if (outcome === 'refused' && error?.stage === 'accept') return;
    const { id, priceCap, costs = null, prompt } = this.#job;
    const tokens = offer === null || outcome === 'refused' ? 0 : received?.ids.length ?? 0;
    const most = costOf(priceCap, costs, prompt.length, tokens);
    const cost = summary?.record.ncu ?? most;
    if (!isLocal) this.#cost += cost;
    purse.settle(id, attempt, cost);
  }

  #accept(cls: Uint8Array): void {
    this.#accepted++;
    this.#class = cls;
    this.#search.taken();
  }

  async #push({ ids, bytes }: Tokens): Promise<string> {
    const text = await this.#text.push(ids);
    this.#output.push(...ids);
    this.#bytes.push(...bytes);
    this.#shown += text;
    this.#lastAt = this.#deps.clock.tick();
    this.#firstAt ??= this.#lastAt;
    this.#search.progress();
    return text;
  }

  /** What the settlements are about: tokens that were on their way when it was cancelled included. */
  #whole(): { output: number[]; bytes: Uint8Array } {
    const last = this.#ended.findLast(({ end }) => end.offer !== null && end.outcome !== 'refused');
    const from = last?.end.offer?.record.resumeAt ?? 0;
    const { ids, bytes } = last?.end.received ?? { ids: [], bytes: [] };
    return {
      output: [...this.#output.slice(0, from), ...ids],
      bytes: Uint8Array.from([...this.#bytes.slice(0, from), ...bytes]),
    };
  }

  /** All tokens may be there where their executor's last word is not, or does not hold. */
  #unsigned(): string[] {
    if (this.#lost === null || this.#signal.aborted) return [];
    const { from, error } = this.#lost;
    return [`${from.slice(0, 8)} has not signed for the end of the answer: ${error.message}`];
  }

  async #done(finish: FinishReason): Promise<JobEvent> {
    const { clock } = this.#deps;
    const totalMs = clock.tick() - this.#start;
    const logged = await Promise.all(this.#ended.map((attempt) => attempt.end.logged));
    const taken = this.#ended.flatMap(({ end }, i) =>
      end.offer === null || end.outcome === 'refused' ? [] : [receiptOf(end.offer, end, logged[i]!)]
    );
    const count = this.#output.length;
    const span = this.#firstAt === null ? 0 : this.#lastAt - this.#firstAt;
    const { key, nonce, prompt, stops } = this.#job;
    const last = this.#ended.at(-1)?.end.offer ?? null;
    return {
      type: 'done',
      job: toHex(this.#job.id),
      text: this.#shown,
      finish,
      promptTokens: prompt.length,
      outputTokens: count,
      executor: last && toHex(last.record.executor),
      attempts: this.#accepted,
      firstTokenMs: this.#firstAt === null ? null : this.#firstAt - this.#start,
      totalMs,
      tokensPerSecond: count > 1 && span > 0 ? 1000 * (count - 1) / span : null,
      ncu: (this.#job.costs ?? null) === null ? null : this.#cost,
      receipt: taken.length === 0 ? null : {
        attempts: taken,
        jobKey: key,
        nonce,
        prompt: [...prompt],
        ...this.#whole(),
        stops: [...stops],
      },
      warnings: [...this.#unsigned(), ...logged.flatMap((l) => l.warnings)],
    };
  }
}

function receiptOf(offer: BuiltOffer, end: AttemptEnd, logged: Logged): AttemptReceipt {
  const { settle, jobIndex, settleIndex } = logged;
  const artifact = end.summary?.bytes ?? null;
  const { resumeAt } = offer.record;
  const { class: named } = end;
  return { job: offer.bytes, artifact, settle, jobIndex, settleIndex, resumeAt, class: named };
}
