import type { Profile } from '../../feeds/records/mod.ts';
import { calibrate, type Calibration, type Runner } from '../audit/mod.ts';
import type { Engine, ModelFiles } from '../engine/mod.ts';
import { calibrationJobs } from './prompts.ts';

/**
 * Classes that are measured against this machine's own: `own`, itself, and `other`, one that rounds
 * otherwise: the executor runs without flash attention, as a stand-in for other hardware.
 */
export const CLASSES = ['own', 'other'] as const;
export type MeasuredClass = typeof CLASSES[number];

/** Chance that some bound on the null is wrong, in millionths. */
const DELTA_PPM = 100;

export interface MeasureOptions {
  engine: Engine;
  profile: Profile;
  files: ModelFiles;
  executor: MeasuredClass;
  jobs: number;
  /** Tokens of an answer, at most. */
  maxTokens: number;
  /** 32 bytes that the jobs' seeds come from. */
  seed: Uint8Array;
  /** Uniform in [0, 1): what the prompts are made with. */
  random: () => number;
  signal: AbortSignal;
  onProgress: (done: number, of: number) => void;
}

/**
 * Measures how honest answers of one class deviate in this machine's own.
 * @throws {NexusError} what the engine throws
 */
export async function measure(options: MeasureOptions): Promise<Calibration> {
  const { engine, profile, files, signal, jobs, maxTokens, random } = options;
  const runner = async (flashAttention: boolean): Promise<Runner> => {
    const changed = { ...profile, flashAttention };
    const loaded = await engine.load(changed, files, { weights: true, signal });
    return { engine, profileId: loaded.profileId, class: loaded.class };
  };
  const auditor = await runner(profile.flashAttention);
  const own = options.executor === 'own';
  const executor = own ? auditor : await runner(!profile.flashAttention);
  options.onProgress(0, jobs);
  const calibration = await calibrate({
    executor,
    auditor,
    topK: profile.topK,
    jobs: await calibrationJobs(engine, auditor.profileId, jobs, maxTokens, random, signal),
    deltaPpm: DELTA_PPM,
    seed: options.seed,
    signal,
    onProgress: options.onProgress,
  });
  // The weights are the same: only the stand-in's settings made it another profile.
  return { ...calibration, profile: auditor.profileId };
}
