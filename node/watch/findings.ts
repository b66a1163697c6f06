import { sleep } from '../../feeds/base/mod.ts';
import type { FindingRow, WatchEvent } from '../control/mod.ts';

/** A replay's result, as far as a dashboard shows it. */
export interface Replayed {
  findings: FindingRow[];
  unresolved: number;
  digest: string;
}

export type FindingsEvent = Extract<WatchEvent, { event: 'findings' }>;

/** Between two replays, at least. */
const LEAST_MS = 3000;
/** A replay takes one part in so many of a processor, at most. */
const SHARE = 21;
/** Findings that are shown; `nexus audit` tells all. */
const MAX_FINDINGS = 1000;

export interface FindingsOptions {
  replay: (signal: AbortSignal) => Promise<Replayed>;
  /** True if the logs have changed since it was asked last. */
  changed: () => boolean;
  emit: (event: FindingsEvent) => void;
  now?: () => number;
  tick?: () => number;
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Replays the logs again and again while somebody watches, as long as they change. A replay begins
 * anew each time: it follows heads that have moved; so the pause grows with what it takes.
 */
export async function watchFindings(options: FindingsOptions, signal: AbortSignal): Promise<void> {
  const { replay, changed, emit, now = Date.now, pause = sleep } = options;
  const tick = options.tick ?? (() => performance.now());
  let last = '';
  let wait = 0;
  while (!signal.aborted) {
    await pause(Math.max(LEAST_MS, wait), signal);
    if (signal.aborted || !changed()) continue;
    const since = tick();
    try {
      const { findings, unresolved, digest } = await replay(signal);
      const result = { findings: findings.slice(0, MAX_FINDINGS), unresolved, digest };
      const text = JSON.stringify(result);
      if (text !== last) emit({ event: 'findings', at: now(), ...result });
      last = text;
    } catch { /* a log that cannot be read now is read with the next one */ }
    wait = (SHARE - 1) * (tick() - since);
  }
}
