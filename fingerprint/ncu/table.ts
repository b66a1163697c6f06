import { type MachineFigures, type ModelFigures, tokenJoules } from './model.ts';

/**
 * Version of the method: model, reference machine and shares. It stands in the files of networks
 * whose coefficients follow from it; another version never changes a network that exists.
 */
export const NCU_METHOD = 'ncu/1';

/**
 * The reference machine: a desktop's graphics card of the year 2020, decoding one answer at a time.
 * Common among those who lend, and its energy was measured by others. Source: NVIDIA's data sheet
 * (GA102, 10 GB; tensor cores with sums of 32 bits).
 */
export const REFERENCE: MachineFigures = {
  name: 'RTX 3080',
  watts: 320,
  bandwidth: 760e9,
  flops: 59.5e12,
};
/** Most answers are over before this many tokens; half of it is behind the average token. */
const USUAL_CONTEXT = 2048;

/** Reference energy of a model's tokens, whole micro-NCU (mJ) each, rounded up, 1 at least. */
export function ncuCoefficients(
  model: ModelFigures,
  contextSize: number,
): { prompt: number; output: number } {
  const context = Math.min(contextSize, USUAL_CONTEXT) / 2;
  const { prompt, output } = tokenJoules(model, REFERENCE, { streams: 1, context });
  const whole = (joules: number) => Math.max(1, Math.ceil(joules * 1000));
  return { prompt: whole(prompt), output: whole(output) };
}
