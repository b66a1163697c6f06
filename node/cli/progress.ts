import { type Progress, progressWriter, RateMeter } from '../models/mod.ts';
import type { Output } from './output.ts';

/** A progress bar on a terminal's stderr, or a line now and then where there is none. */
export class ProgressView {
  readonly #out: Output;
  readonly #write: ReturnType<typeof progressWriter>;
  readonly #meter = new RateMeter();
  #open = false;

  constructor(out: Output, label: string) {
    this.#out = out;
    this.#write = progressWriter(label, out.progress);
  }

  async show(at: Progress): Promise<void> {
    const out = this.#out;
    if (out.quiet || out.json) return;
    const now = performance.now();
    const columns = out.progress ? Deno.consoleSize().columns : 80;
    const text = this.#write(this.#meter.sample(at, now), now, columns);
    if (text === null) return;
    this.#open = out.progress;
    await out.raw(text);
  }

  /** Ends the line of the bar, if one is shown. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#out.raw('\n');
  }
}
