import type { NodeEvent } from '../control/mod.ts';
import type { RequestLog } from '../gateway/mod.ts';
import type { LogFormat } from '../home/mod.ts';
import { LossyQueue } from '../watch/mod.ts';
import { entryOf } from './log_event.ts';
import { type LogEntry, type LogLevel, renderEntry } from './log_render.ts';
import { gatewayEntry } from './log_request.ts';
import type { Output } from './output.ts';
import { ProgressView } from './progress.ts';

/** What a reader of the log may fall behind before it loses the oldest. */
const MAX_BEHIND = 4096;

type Told = { event: NodeEvent } | { request: RequestLog } | { entry: LogEntry };

/** How a node's log is written. */
export interface NodeLogOptions {
  format: LogFormat;
  /** False: of what happens only events are told, with `--json`. */
  lines: boolean;
  /** Key of the node. */
  self: string;
}

/** The life of a node: events as NDJSON on stdout with `--json`, lines of a log for the rest. */
export class NodeLog {
  readonly #out: Output;
  readonly #options: NodeLogOptions;
  readonly #queue = new LossyQueue<Told>(MAX_BEHIND);
  #writing: Promise<void> | null = null;
  #progress: ProgressView | null = null;
  /** True while something else is drawn on the terminal: lines that would go there are left out. */
  muted = false;

  constructor(out: Output, options: NodeLogOptions) {
    this.#out = out;
    this.#options = options;
  }

  /** Shows an event after those before; whoever tells it does not wait. */
  show(event: NodeEvent): void {
    this.#push({ event });
  }

  /** Logs a request of the gateway. */
  request(request: RequestLog): void {
    this.#push({ request });
  }

  /** Logs what the command itself has to say, in any case and after what was told before. */
  async say(level: LogLevel, event: string, text: string, fields = {}): Promise<void> {
    this.#push({ entry: { at: Date.now(), level, event, text, fields } });
    await this.written();
  }

  /** Resolves when all that was told is written. */
  async written(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  #push(told: Told): void {
    this.#queue.push(told);
    this.#writing ??= this.#drain().finally(() => this.#writing = null);
  }

  async #drain(): Promise<void> {
    for (;;) {
      const lost = this.#queue.takeLost();
      const lagged = { event: { event: 'lagged', at: Date.now(), lost } };
      const told = lost > 0 ? lagged : this.#queue.take();
      if (told === undefined) return;
      // Whoever reads the log may have gone; the node stays.
      await this.#show(told).catch(() => {});
    }
  }

  async #show(told: Told): Promise<void> {
    const { self, lines } = this.#options;
    if ('entry' in told) return await this.#write(told.entry);
    if ('request' in told) return await this.#line(gatewayEntry(told.request, self));
    const { event } = told;
    await this.#out.event(event);
    if (!lines) return;
    if (event.event === 'model' && event.type === 'progress') return await this.#pulling(event);
    await this.#line(entryOf(event, self));
  }

  async #pulling(event: NodeEvent): Promise<void> {
    if (this.#options.format === 'json' || this.#hidden) return;
    this.#progress ??= new ProgressView(this.#out, `fetching ${event.model}`);
    await this.#progress.show(event as unknown as { done: number; total: number });
  }

  async #line(entry: LogEntry): Promise<void> {
    if (!this.#options.lines || (entry.level === 'debug' && !this.#out.verbose)) return;
    await this.#write(entry);
  }

  get #hidden(): boolean {
    return this.muted && (this.#out.terminal || this.#out.progress);
  }

  async #write(entry: LogEntry): Promise<void> {
    const out = this.#out;
    if (this.#hidden) return;
    await this.#progress?.close();
    this.#progress = null;
    const { format } = this.#options;
    const line = renderEntry(entry, format, out.style);
    if (format === 'json') await out.log(line);
    else if (entry.level === 'debug') await out.detail(line);
    else await out.note(line);
  }
}
