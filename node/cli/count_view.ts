import { formatSeconds, percent, RateMeter } from '../models/mod.ts';
import type { Output } from './output.ts';

/** Without a terminal a line comes after each of so many parts of the whole. */
const PARTS = 10;

/** How far counted work has come: redrawn on a terminal's stderr, a line now and then elsewhere. */
export class CountView {
  readonly #out: Output;
  readonly #label: string;
  readonly #unit: string;
  readonly #meter = new RateMeter();
  #open = false;
  #told = -1;

  /** @param unit what is counted, in the plural */
  constructor(out: Output, label: string, unit: string) {
    this.#out = out;
    this.#label = label;
    this.#unit = unit;
  }

  async show(at: { done: number; total: number }): Promise<void> {
    const out = this.#out;
    if (out.quiet) return;
    const part = Math.floor(PARTS * at.done / at.total);
    const { left } = this.#meter.sample(at, performance.now());
    if (!out.progress && part === this.#told) return;
    this.#told = part;
    const rest = left === null || at.done === at.total ? '' : `, ${formatSeconds(left)} left`;
    const line = `${this.#label}: ${percent(at)} %, ${at.done} of ${at.total} ${this.#unit}${rest}`;
    if (!out.progress) return await out.log(line);
    this.#open = true;
    await out.raw(`\r\x1b[K${line.slice(0, Math.max(20, Deno.consoleSize().columns) - 1)}`);
  }

  /** Ends the line, if one is shown. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#out.raw('\n');
  }
}
