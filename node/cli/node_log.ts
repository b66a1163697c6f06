import type { NodeEvent } from '../control/mod.ts';
import { type PullNote, renderNote } from '../models/mod.ts';
import { NexusError } from '../../feeds/base/mod.ts';
import { short } from './answer.ts';
import type { Output } from './output.ts';
import { ProgressView } from './progress.ts';
import { oneLine } from './text.ts';

/** The node's life as lines, or as NDJSON. */
export class NodeLog {
  readonly #out: Output;
  #last: Promise<void> = Promise.resolve();
  #progress: ProgressView | null = null;

  constructor(out: Output) {
    this.#out = out;
  }

  /** Shows an event after those before; whoever tells it does not wait. */
  show(event: NodeEvent): void {
    this.#last = this.#last.then(() => this.#show(event)).catch(() => {});
  }

  /** Resolves when all that was told is written. */
  written(): Promise<void> {
    return this.#last;
  }

  async #show(event: NodeEvent): Promise<void> {
    const out = this.#out;
    await out.event(event);
    if (out.json) return;
    if (event.event === 'model' && event.type === 'progress') {
      this.#progress ??= new ProgressView(out, `fetching ${event.model}`);
      return await this.#progress.show(event as unknown as { done: number; total: number });
    }
    await this.#progress?.close();
    this.#progress = null;
    if (event.event === 'model' && event.type === 'fallback') {
      const { message } = NexusError.fromJSON(event.error);
      return await out.warn(`${message}; going on with the embedded model ${event.model}`);
    }
    const text = lineOf(event);
    if (text === null) return await out.detail(`${event.event} ${JSON.stringify(event)}`);
    const time = out.style.dim(new Date(event.at).toTimeString().slice(0, 8));
    await out.note(`${time} ${oneLine(text)}`);
  }
}

function lineOf(event: NodeEvent): string | null {
  switch (event.event) {
    case 'model':
      return renderNote(String(event.model), event.note as PullNote);
    case 'peer':
      return `${short(event.key)} connected (${event.transport})`;
    case 'peer-lost':
      return `${short(event.key)} left: ${event.reason}`;
    case 'refused':
      return event.byUs
        ? `${short(event.peer)} was refused: ${event.message}`
        : `${short(event.peer)} refused us: ${event.message}`;
    case 'unreachable':
      return `unreachable: ${event.message}${event.hint ? ` (${event.hint})` : ''}`;
    case 'job-accepted':
      return `job ${short(event.job)} for ${short(event.requester)}`;
    case 'job-finished':
      return `job ${short(event.job)}: ${event.tokens} tokens, ${event.finish}`;
    case 'engine-lost':
      return `the engine was lost (${event.reason}); it restarts in ${event.restartMs} ms`;
    case 'feeds':
      return `feeds service ${event.state}: ${event.detail}`;
    case 'misconduct':
      return `misconduct: ${event.kind} in ${short(event.core)}: ${event.detail}`;
    case 'error':
      return `error: ${event.message}${event.hint ? ` (${event.hint})` : ''}`;
    default:
      return null;
  }
}
