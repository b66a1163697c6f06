import type { RunEvent as AnyRunEvent } from '../daemon/mod.ts';
import type { JobEvent } from '../job/mod.ts';

/** An event of a job under the name that it has outside of this program. */
type Told<E> = E extends { type: infer T } ? { event: T } & Omit<E, 'type'> : never;

/** The last event of an answer. Times are milliseconds. */
export type DoneEvent = Omit<Told<Extract<JobEvent, { type: 'done' }>>, 'receipt'> & {
  /** Name of the model. */
  model: string;
  /** Path of the receipt; null if none could be kept, `warnings` says why. */
  receipt: string | null;
};

/**
 * What an answer tells while it is made, the same as `nexus run --json` prints: `model`, `pull`,
 * `progress`, `note`, `route`, `queued`, `refused`, `token`, `failover`, and `done` in the end; after
 * it, where the answer is to be verified, `check` and `verdict`. Keys and ids are lower-case
 * hexadecimal.
 */
export type RunEvent =
  | { event: 'model'; model: string; profile: string; title: string }
  | { event: 'pull'; model: string; text: string }
  | { event: 'progress'; model: string; done: number; total: number }
  | { event: 'note'; code: string; text: string }
  | Told<Exclude<JobEvent, { type: 'done' }>>
  | Extract<AnyRunEvent, { event: 'check' | 'verdict' }>
  | DoneEvent;

/** A run's events under their own types; an abort ends it with the signal's reason. */
export async function* told(
  events: AsyncIterable<AnyRunEvent>,
  signal: AbortSignal,
): AsyncGenerator<RunEvent, void, void> {
  for await (const event of events) {
    signal.throwIfAborted();
    // Inside, the events of a job are not told apart.
    yield event as unknown as RunEvent;
  }
}
