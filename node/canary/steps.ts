import type { Draft, Progress } from './book.ts';

/** What is next to be done with a planted job. */
export type Step = 'ask' | 'reveal' | 'drop' | null;

/** The deadlines of a network that matter here, in cuts. */
export interface Patience {
  challengeCuts: number;
}

/**
 * What is next, as of the newest cut. The plan stands in a cut before the job is sent; it is opened as
 * soon as the audit is over, and a plan of which nothing can come any more is let go.
 */
export function nextStep({ canary, progress }: Draft, epoch: number, rules: Patience): Step {
  const { begun, planned, asked, subject, closed, revealed } = progress;
  if (closed !== null) return revealed ? after(closed) : 'reveal';
  if (planned === null) return after(begun);
  if (asked === null) return epoch >= planned + canary.wait ? 'ask' : null;
  if (subject === null) return after(asked);
  return epoch > planned + 2 * rules.challengeCuts ? 'drop' : null;

  function after(cut: number): Step {
    return epoch > cut + rules.challengeCuts ? 'drop' : null;
  }
}

/** What a plan begins with. */
export function begin(epoch: number): Progress {
  return {
    begun: epoch,
    commit: 0,
    planned: null,
    asked: null,
    subject: null,
    closed: null,
    revealed: false,
  };
}

/**
 * Chance that this witness plants a job now, so that of all audited jobs that share is planted.
 * @param share of the audited jobs, 0 to 1
 * @param audited jobs whose audits were drawn since the last look
 * @param witnesses that plant
 * @param rate chance that a job of this witness is audited
 */
export function plantingChance(
  share: number,
  audited: number,
  witnesses: number,
  rate: number,
): number {
  return Math.min(1, share * audited / (witnesses * Math.max(rate, 1e-4)));
}
