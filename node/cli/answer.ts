import { ncuText, NexusError } from '../../feeds/base/mod.ts';
import type { RunEvent } from '../daemon/mod.ts';
import type { VerdictRow } from '../control/mod.ts';
import type { Output } from './output.ts';
import type { ProgressView } from './progress.ts';
import { oneLine } from './text.ts';
import { verdictText } from './verdict.ts';

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
  /** micro-NCU; null where nothing costs anything. */
  ncu: number | null;
  receipt: string | null;
  warnings: string[];
}

/** Shows the events of one run as they come, for people or as NDJSON. */
export class AnswerView {
  readonly #out: Output;
  readonly #fields: Record<string, unknown>;
  readonly #stream: boolean;
  #local = false;
  #progress: ProgressView | null = null;
  #endsLine = true;
  #objected = false;
  /** The line of a check is shown. */
  #bar = false;

  /**
   * @param fields added to each NDJSON event
   * @param stream false: the text is only kept, somebody else prints it
   */
  constructor(out: Output, fields: Record<string, unknown> = {}, stream = true) {
    this.#out = out;
    this.#fields = fields;
    this.#stream = stream;
  }

  /** True if a check of the answer found something. */
  get objected(): boolean {
    return this.#objected;
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
      await this.#endLine();
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
      case 'progress': {
        this.#progress ??= await progressView(out, `fetching ${event.model}`);
        return await this.#progress.show(event as unknown as { done: number; total: number });
      }
      case 'pull':
        await this.#closeProgress();
        return await out.note(out.style.dim(event.text as string));
      case 'note':
        await this.#closeProgress();
        if (event.code !== 'NOBODY_SERVES') return await out.warn(event.text as string);
        return await out.note(out.style.dim(event.text as string));
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
        await this.#endLine();
        return await this.#warn(event.warnings as string[]);
      case 'check':
        return await this.#checking(event);
      case 'verdict': {
        await this.#closeProgress();
        const verdict = event as unknown as VerdictRow;
        const objects = verdict.finding === 'trigger' || verdict.finding === 'fraud';
        this.#objected ||= objects;
        const text = verdictText(verdict);
        if (verdict.finding === 'ok') return await out.note(text);
        await out.warn(text);
        if (!objects) return;
        const executor = short(verdict.executor);
        return await out.note(out.style.dim(`${executor} is asked no more: nexus peers avoided`));
      }
    }
  }

  /** What an answer lacks, e.g. its place in the logs; the first of it stands for all. */
  async #warn(warnings: readonly string[]): Promise<void> {
    const [first, ...rest] = warnings;
    if (first === undefined) return;
    const more = rest.length === 0 ? '' : ` (and ${rest.length} more: --verbose)`;
    await this.#out.warn(oneLine(first.split('\n')[0]!) + more);
    for (const warning of rest) await this.#out.detail(warning);
  }

  /** What is said after an answer begins on a line of its own. */
  async #endLine(): Promise<void> {
    if (this.#endsLine) return;
    this.#endsLine = true;
    await this.#out.answer('\n');
  }

  async #checking(event: Record<string, unknown>): Promise<void> {
    const out = this.#out, auditor = short(event.auditor);
    if (event.error !== null) {
      return await out.detail(`${auditor} does not check it: ${messageOf(event.error)}`);
    }
    const ahead = Number(event.ahead), done = Number(event.done), total = Number(event.total);
    const where = ahead > 0 ? `, ${ahead} before it` : total > 0 ? `, ${done} of ${total}` : '';
    if (out.progress) await out.raw(`\r\x1b[K${auditor} checks the answer${where}`);
    else if (done === 0) await out.detail(`${auditor} checks the answer${where}`);
    this.#bar = out.progress;
  }

  async #closeProgress(): Promise<void> {
    if (this.#bar) await this.#out.raw('\r\x1b[K');
    this.#bar = false;
    await this.#progress?.close();
    this.#progress = null;
  }

  /** One line about an answer, for people. */
  summary(done: Done): string {
    const rate = done.tokensPerSecond === null
      ? ''
      : `, ${done.tokensPerSecond.toFixed(0)} tokens/s`;
    const where = this.#local ? 'on this machine' : `by ${short(done.executor)}`;
    const failovers = done.attempts > 1 ? `, ${done.attempts - 1} failover(s)` : '';
    const cost = done.ncu ? `, ${ncuText(done.ncu)} NCU` : '';
    return `${done.model}, ${done.outputTokens} tokens${rate}, ${where}${failovers}${cost}`;
  }
}

/** Read only where something is fetched: it needs more of the program than an answer does. */
async function progressView(out: Output, label: string): Promise<ProgressView> {
  const module = new URL('./progress.ts', import.meta.url).href;
  const { ProgressView } = await import(module) as typeof import('./progress.ts');
  return new ProgressView(out, label);
}

/** The first digits of a key, for people. */
export function short(key: unknown): string {
  return typeof key === 'string' ? key.slice(0, 8) : 'nobody';
}

function messageOf(error: unknown): string {
  return NexusError.fromJSON(error).message;
}

function routeText(event: Record<string, unknown>): string {
  const reasons = event.reasons as {
    name: string;
    unit: string;
    value: number;
    source?: string;
  }[];
  const why = reasons.map(({ name, unit, value, source }) => {
    const amount = unit === 'x' ? `x${value.toFixed(2)}` : `${value.toFixed(0)} ms`;
    return `${name} ${amount}${source === undefined ? '' : ` (${source})`}`;
  }).join(', ');
  const others = (event.candidates as unknown[]).length - 1;
  return `asking ${short(event.executor)} (${event.where}; ${why}; ${others} other(s) considered)`;
}
