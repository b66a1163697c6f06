import { type BatchPart, MAX_ROWS } from './backend.ts';
import type { Job } from './job.ts';

/** A part of a batch and the answer that it is for. */
export interface BatchEntry {
  job: Job;
  part: BatchPart;
}

/**
 * The next batch: one row of every answer that decodes and whose reader keeps up, the rest rows of
 * prompts in order of arrival, {@link MAX_ROWS} in all.
 * @param active answers that have a slot
 */
export function planBatch(active: readonly Job[]): BatchEntry[] {
  let left = MAX_ROWS;
  const batch: BatchEntry[] = [];
  const pending = (job: Job) => job.generation.tokens.length - job.slot!.session.position;
  const add = (job: Job, rows: number) => {
    const { session } = job.slot!;
    const tokens = job.generation.tokens.slice(session.position, session.position + rows);
    const logits = rows === pending(job) ? 'last' : 'none';
    batch.push({ job, part: { session, tokens, logits } });
    left -= rows;
  };
  const ready = active.filter((job) => job.emitted < job.allowed);
  for (const job of ready) if (pending(job) === 1 && left > 0) add(job, 1);
  for (const job of ready) if (pending(job) > 1 && left > 0) add(job, Math.min(left, pending(job)));
  return batch;
}
