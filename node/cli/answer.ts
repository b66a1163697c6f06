import { NexusError } from '../../feeds/base/mod.ts';
import type { RunEvent } from '../daemon/mod.ts';
import { progressWriter, RateMeter } from '../models/mod.ts';
import type { Output } from './output.ts';

/** What the last event of a run says. */
export interface Done {
  job: string;
  text: string;
  finish: string;
  model: string;
  executor: string | null;
  promptTokens: number;
  outputTokens: number;
  attempts: number;
  firstTokenMs: number | null;
  totalMs: number;
  tokensPerSecond: number | null;
  receipt: string | null;
  warnings: string[];
}

/** Shows the events of one run as they come, for people or as NDJSON. */
export class AnswerView {
  readonly #out: Output;
  readonly #fields: Record<string, unknown>;
  readonly #stream: boolean;
  #local = false;
  #writeProgress: ReturnType<typeof progressWriter> | null = null;
  #meter = new RateMeter();
  #open = '';
  #endsLine = true;

  /**
   * @param fields added to each NDJSON event
   * @param stream false: the text is only kept, somebody else prints it
   */
  constructor(out: Output, fields: Record<string, unknown> = {}, stream = true) {
    this.#out = out;
    this.#fields = fields;
    this.#stream = stream;
  }

  /** Shows a whole run; returns its end. */
  async show(run: AsyncIterable<RunEvent>): Promise<Done> {
    let done: Done | null = null;
    try {
      for await (const event of run) {
        await this.#out.event({ ...event, ...this.#fields });
        if (event.event === 'done') done = event as unknown as Done;
        await this.#take(event as { event: string } & Record<string, unknown>);
      }
    } finally {
      await this.#closeProgress();
      if (!this.#endsLine) await this.#out.answer('\n');
    }
    if (done === null) throw new NexusError('NODE_LOST', 'the answer ended without its end');
    return done;
  }

  async #take(event: { event: string } & Record<string, unknown>): Promise<void> {
    const out = this.#out;
    switch (event.event) {
      case 'token': {
        const text = event.text as string;
        if (!this.#stream || text === '') return;
        await this.#closeProgress();
        this.#endsLine = text.endsWith('\n');
        return await out.answer(text);
      }
      case 'progress':
        return await this.#progress(
          event as unknown as { model: string; done: number; total: number },
        );
      case 'pull':
        await this.#closeProgress();
        return await out.note(out.style.dim(`${event.model}: ${event.text}`));
      case 'note':
        await this.#closeProgress();
        return await out.warn(event.text as string);
      case 'route':
        this.#local = event.where === 'local';
        return await out.detail(routeText(event));
      case 'queued':
        return await out.detail(`in the queue of ${short(event.executor)}: ${event.position}`);
      case 'refused':
        return await out.detail(`${short(event.executor)} refused: ${messageOf(event.error)}`);
      case 'failover': {
        const text = `${short(event.from)} was lost after ${event.tokens} tokens ` +
          `(${messageOf(event.cause)}); ${short(event.to)} goes on`;
        return await out.detail(text);
      }
      case 'done':
        for (const warning of event.warnings as string[]) await out.detail(warning);
    }
  }

  async #progress(event: { model: string; done: number; total: number }): Promise<void> {
    const out = this.#out;
    if (out.quiet || out.json) return;
    this.#writeProgress ??= progressWriter(`fetching ${event.model}`, out.progress);
    const now = performance.now();
    const columns = out.progress ? Deno.consoleSize().columns : 80;
    const text = this.#writeProgress(this.#meter.sample(event, now), now, columns);
    if (text === null) return;
    this.#open = out.progress ? '\n' : '';
    await out.raw(text);
  }

  async #closeProgress(): Promise<void> {
    if (this.#open === '') return;
    const end = this.#open;
    this.#open = '';
    await this.#out.raw(end);
  }

  /** One line about an answer, for people. */
  summary(done: Done): string {
    const rate = done.tokensPerSecond === null
      ? ''
      : `, ${done.tokensPerSecond.toFixed(0)} tokens/s`;
    const where = this.#local ? 'on this machine' : `by ${short(done.executor)}`;
    const failovers = done.attempts > 1 ? `, ${done.attempts - 1} failover(s)` : '';
    return `${done.model}, ${done.outputTokens} tokens${rate}, ${where}${failovers}`;
  }
}

/** The first digits of a key, for people. */
export function short(key: unknown): string {
  return typeof key === 'string' ? key.slice(0, 8) : 'nobody';
}

function messageOf(error: unknown): string {
  return NexusError.fromJSON(error).message;
}

function routeText(event: Record<string, unknown>): string {
  const reasons = event.reasons as { name: string; unit: string; value: number }[];
  const why = reasons.map(({ name, unit, value }) =>
    `${name} ${unit === 'x' ? `x${value.toFixed(2)}` : `${value.toFixed(0)} ms`}`
  ).join(', ');
  const others = (event.candidates as unknown[]).length - 1;
  return `asking ${short(event.executor)} (${event.where}; ${why}; ${others} other(s) considered)`;
}
