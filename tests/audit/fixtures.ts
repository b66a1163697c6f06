import { randomOf } from '../lib/random.ts';
import { buildCalibration, type Calibration, type JobCounts } from '../../node/audit/mod.ts';

/** Draws a cell by its probability. */
export function drawCell(random: () => number, cells: readonly number[]): number {
  let left = random();
  for (let cell = 0; cell < cells.length; cell++) if ((left -= cells[cell]!) < 0) return cell;
  return cells.length - 1;
}

/** Honest work in two classes: a few per cent of small margins, differences of a step or two. */
export const HONEST_MARGINS = [0.97, 0.02, 0.008, 0.0015, 0.0004, 0.0001, 0, 0, 0, 0];
export const HONEST_B1 = [0.7, 0.25, 0.04, 0.008, 0.0015, 0.0005, 0, 0, 0, 0, 0, 0, 0];
/** A wrong seed; another quantisation. */
export const CHEAT_MARGINS = [0.35, 0.02, 0.06, 0.08, 0.12, 0.15, 0.12, 0.06, 0.02, 0.02];
export const CHEAT_B1 = [0.08, 0.14, 0.12, 0.1, 0.1, 0.14, 0.1, 0.1, 0.06, 0.04, 0.01, 0.01, 0];

export function jobOf(
  random: () => number,
  tokens: number,
  margins: readonly number[] = HONEST_MARGINS,
  b1: readonly number[] = HONEST_B1,
  stratum = 'ordinary',
): JobCounts {
  const job = {
    stratum,
    margins: new Array<number>(margins.length).fill(0),
    b1: new Array<number>(b1.length).fill(0),
  };
  for (let i = 0; i < tokens; i++) {
    job.margins[drawCell(random, margins)]!++;
    job.b1[drawCell(random, b1)]!++;
  }
  return job;
}

/** A calibration from made-up honest work of two kinds. */
export function madeUp(jobs = 100, tokens = 100): Calibration {
  const random = randomOf(7);
  const honest = Array.from(
    { length: jobs },
    (_, i) => jobOf(random, tokens, HONEST_MARGINS, HONEST_B1, i % 2 === 0 ? 'ordinary' : 'noisy'),
  );
  return buildCalibration({
    profile: new Uint8Array(32).fill(1),
    executorClass: new Uint8Array(32).fill(2),
    auditorClass: new Uint8Array(32).fill(3),
    deltaPpm: 100,
    slack: 100,
    honest,
    cheats: [
      { name: 'seed', decisive: true, counts: CHEAT_MARGINS.map((p) => Math.round(4000 * p)) },
      {
        name: 'temperature',
        decisive: true,
        counts: [8000, 200, 300, 400, 500, 400, 200, 0, 0, 0],
      },
    ],
  });
}
