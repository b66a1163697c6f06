import type { CalibrationJob } from '../node/audit/mod.ts';
import type { Answer, Answers } from './audit_figures.ts';

/** Prompts that are tried, those of them that are kept, and honest jobs on each. */
const TRIED = 60, KEPT = 3, EACH = 20;

/**
 * What a requester gets who looks for prompts on which honest executors are noisy, to have them
 * accused: answers to the noisiest of many prompts.
 */
export async function hunted(
  prompts: (count: number) => Promise<CalibrationJob[]>,
  run: (jobs: readonly CalibrationJob[]) => Promise<Answers>,
): Promise<Answers> {
  const jobs = await prompts(TRIED);
  const answers = await run(jobs);
  const noisiest = jobs
    .map((job, i) => ({ job, noise: noiseOf(answers[i]!) }))
    .sort((a, b) => b.noise - a.noise)
    .slice(0, KEPT);
  return await run(noisiest.flatMap(({ job }) => new Array<CalibrationJob>(EACH).fill(job)));
}

/** Mean cells of both statistics together; short answers are noisy by chance. */
function noiseOf({ margins, b1 }: Answer): number {
  const mean = (cells: readonly number[]) =>
    cells.reduce((sum, cell) => sum + cell, 0) / (cells.length + 8);
  return mean(margins) + mean(b1);
}
