import { taggedHash } from '../../feeds/base/mod.ts';
import type { Sampling } from '../../feeds/records/mod.ts';
import type { Engine, ScoredPosition } from '../engine/mod.ts';
import { buildCalibration, type Calibration, type JobCounts, SLACK } from './calibration.ts';
import { B1_CELLS, b1Cell, MARGIN_CELLS, marginCell } from './cells.ts';
import { LOOKUP } from './margins.ts';
import { rescore, transcribe, type Transcript } from './measure.ts';
import { type Observation, observer } from './observe.ts';

/** A model as one engine runs it. */
export interface Runner {
  engine: Engine;
  profileId: Uint8Array;
  /** Determinism class. */
  class: Uint8Array;
}

/** One honest job to be measured. */
export interface CalibrationJob {
  /** e.g. `ordinary`, `long`, `noisy`: each kind bounds the null for itself. */
  stratum: string;
  /** Token ids, template applied. */
  prompt: readonly number[];
  sampling: Sampling;
}

export interface CalibrateOptions {
  executor: Runner;
  /** May be the executor itself: then the class is measured against itself. */
  auditor: Runner;
  /** Candidates a position: the profile's. */
  topK: number;
  jobs: readonly CalibrationJob[];
  /** Chance that some bound on the null is wrong, in millionths. */
  deltaPpm: number;
  /** Per cent, see {@link SLACK}. */
  slack?: number;
  /** 32 bytes that the jobs' seeds come from. */
  seed: Uint8Array;
  signal?: AbortSignal;
  onProgress?: (done: number, of: number) => void;
}

/** Temperature of the measured cheat, as a share of the asked one. */
const COOLER = 0.7;

/**
 * Measures how honest answers deviate between two classes, and what a wrong seed and a lower
 * temperature look like, with nothing but honest weights. Any failure of an engine ends it.
 */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const { executor, auditor, jobs, topK, deltaPpm, seed, signal, onProgress } = options;
  const honest: JobCounts[] = [];
  const wrongSeed = new Array<number>(MARGIN_CELLS).fill(0);
  const cooler = new Array<number>(MARGIN_CELLS).fill(0);
  for (let i = 0; i < jobs.length; i++) {
    const { stratum, prompt, sampling } = jobs[i]!;
    const index = new Uint8Array(4);
    new DataView(index.buffer).setUint32(0, i);
    const own = taggedHash('nexus/calibrate/1', seed, index);
    const run = async (tq: number) => {
      const transcript = await transcribe(executor.engine, {
        profileId: executor.profileId,
        prompt,
        prefix: [],
        seed: own,
        sampling: { ...sampling, tq },
        stops: [],
      }, signal);
      const scored = await rescore(auditor.engine, transcript, auditor.profileId, LOOKUP, signal);
      return (drawn: Uint8Array) => observe(transcript, scored, drawn, { ...sampling, topK });
    };
    const observed = await run(sampling.tq);
    const good = observed(own);
    honest.push(countCells(stratum, good));
    if (sampling.tq > 0) {
      addCells(wrongSeed, observed(taggedHash('nexus/calibrate-wrong/1', own)));
      // A half of the jobs is enough: an alternative need not be exact.
      if (i % 2 === 0) addCells(cooler, (await run(Math.round(COOLER * sampling.tq)))(own));
    }
    onProgress?.(i + 1, jobs.length);
  }
  return buildCalibration({
    profile: executor.profileId,
    executorClass: executor.class,
    auditorClass: auditor.class,
    deltaPpm,
    slack: options.slack ?? SLACK,
    honest,
    cheats: [
      { name: 'seed', decisive: true, counts: wrongSeed },
      { name: 'temperature', decisive: true, counts: cooler },
    ],
  });
}

/** What a scored transcript says, if it was drawn as given. */
export function observe(
  { bytes, request }: Transcript,
  scored: readonly ScoredPosition[],
  seed: Uint8Array,
  drawing: { tq: number; pq: number; topK: number },
): Observation[] {
  const look = observer({ seed, ...drawing });
  return scored.map((position) =>
    look(position, bytes[position.position - request.prefix.length]!)
  );
}

/** Counts by cell of one job. */
function countCells(stratum: string, observations: readonly Observation[]): JobCounts {
  const margins = new Array<number>(MARGIN_CELLS).fill(0);
  const b1 = new Array<number>(B1_CELLS).fill(0);
  addCells(margins, observations);
  for (const { b1: difference } of observations) b1[b1Cell(difference)]!++;
  return { stratum, margins, b1 };
}

function addCells(counts: number[], observations: readonly Observation[]): void {
  for (const { soft } of observations) counts[marginCell(soft)]!++;
}
