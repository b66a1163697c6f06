import type { Hex, Place } from '../trust/mod.ts';
import type { Measured } from './types.ts';

/** Jobs of one challenger that are kept: of two plans, which is what one pays for a duty. */
const MOST_ASKED = 512;
/** Answers of the executor that are kept until a cut covers what they answer. */
const MOST_EARLY = 1024;

/** What a challenger says, until the logs show that it asked for that. */
export interface Said {
  measured: Measured;
  /** Jobs that it names. */
  jobs: Hex[];
  place: Place;
}

/** What the logs show of who asked an executor since a draw, and what it answered. Plain data. */
export interface Evidence {
  /** By challenger: its jobs, and whether an answer stands in the executor's log. */
  asked: Map<Hex, Map<Hex, boolean>>;
  /** Newest answers to jobs that no cut covers yet: logs of two writers need not come together. */
  early: Map<Hex, true>;
  said: Map<Hex, Said>;
}

export function noEvidence(): Evidence {
  return { asked: new Map(), early: new Map(), said: new Map() };
}

/** A challenger's job stands in its log; its id is that of no other challenger's. */
export function noteAsked({ asked, early }: Evidence, challenger: Hex, job: Hex): void {
  const jobs = asked.get(challenger) ?? new Map<Hex, boolean>();
  if (jobs.has(job) || jobs.size >= MOST_ASKED) return;
  asked.set(challenger, jobs.set(job, early.delete(job)));
}

/** An answer stands in the executor's log. */
export function noteAnswered({ asked, early }: Evidence, job: Hex): void {
  for (const jobs of asked.values()) if (jobs.has(job)) return void jobs.set(job, true);
  early.set(job, true);
  if (early.size > MOST_EARLY) early.delete(early.keys().next().value!);
}

/** Of the jobs that a challenger names, how many it asked, and how many of these were answered. */
export function backing(
  { asked, said }: Evidence,
  challenger: Hex,
): { asked: number; answered: number } {
  const own = asked.get(challenger);
  const named = [...new Set(said.get(challenger)?.jobs)].filter((job) => own?.has(job));
  return { asked: named.length, answered: named.filter((job) => own!.get(job)).length };
}

/** True if a challenger asked something that was not answered. */
export function isWaiting({ asked }: Evidence, challenger: Hex): boolean {
  return [...asked.get(challenger)?.values() ?? []].includes(false);
}
