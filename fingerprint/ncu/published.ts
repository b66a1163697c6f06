import { type MachineFigures, type ModelFigures, tokenJoules, type Use } from './model.ts';
import { REFERENCE } from './table.ts';

/** A measurement that somebody else has published. */
export interface Published {
  model: string;
  figures: ModelFigures;
  machine: MachineFigures;
  use: Use;
  /** Joules of an output token. */
  joules: number;
  source: string;
}

/** Makers' figures: watts, bytes a second, 16-bit operations a second. */
const H100: MachineFigures = { name: 'H100 SXM', watts: 700, bandwidth: 3.35e12, flops: 989e12 };
const A100: MachineFigures = { name: 'A100 80 GB', watts: 400, bandwidth: 2.04e12, flops: 312e12 };
const RX: MachineFigures = { name: 'RX 7800 XT', watts: 263, bandwidth: 624e9, flops: 74.7e12 };
const M1: MachineFigures = { name: 'Apple M1 Pro', watts: 30, bandwidth: 200e9, flops: 10.6e12 };

const LLAMA_8B = { bytes: 16.06e9, parameters: 8.03e9, kvBytesPerToken: 131_072 };
const MISTRAL_7B = { bytes: 14.5e9, parameters: 7.25e9, kvBytesPerToken: 131_072 };
const ALONE = { streams: 1, context: 300 };

/** What the model is checked against. */
export const PUBLISHED: readonly Published[] = [
  {
    model: 'Llama-3.1-8B, 16 bit',
    figures: LLAMA_8B,
    machine: H100,
    use: { streams: 64, context: 500 },
    joules: 0.12,
    source: 'ML.ENERGY, leaderboard 3.0, vLLM 0.11',
  },
  {
    model: 'Llama-3.1-8B, 16 bit',
    figures: LLAMA_8B,
    machine: H100,
    use: { streams: 64, context: 500 },
    joules: 0.2,
    source: 'ML.ENERGY, leaderboard 2.0, vLLM 0.5',
  },
  {
    model: 'Mistral-7B, 16 bit',
    figures: MISTRAL_7B,
    machine: A100,
    use: ALONE,
    joules: 2.6,
    source: 'single stream; the machine is not named, an A100 is supposed',
  },
  {
    model: 'Qwen2.5-3B, Q4_K_M',
    figures: { bytes: 1.93e9, parameters: 3.09e9, kvBytesPerToken: 36_864 },
    machine: REFERENCE,
    use: ALONE,
    joules: 1.11,
    source: 'dilberx, universal-llm-telemetry-suite, llama.cpp',
  },
  {
    model: 'DeepSeek-R1-Qwen-7B, Q4_K_M',
    figures: { bytes: 4.68e9, parameters: 7.62e9, kvBytesPerToken: 57_344 },
    machine: M1,
    use: { streams: 1, context: 512 },
    joules: 0.95,
    source: 'dilberx, universal-llm-telemetry-suite, llama.cpp',
  },
  {
    model: 'Mistral-7B, Q4_K_M',
    figures: { bytes: 4.37e9, parameters: 7.25e9, kvBytesPerToken: 131_072 },
    machine: RX,
    use: ALONE,
    joules: 3.47,
    source: 'Greening of Streaming, WattLab, above idle at the wall, Ollama',
  },
];

/** A measurement beside what the model says of it. */
export interface Checked extends Published {
  predicted: number;
  /** (predicted - measured) / measured. */
  error: number;
}

/** The model against all published measurements. */
export function checkPublished(list: readonly Published[] = PUBLISHED): Checked[] {
  return list.map((one) => {
    const { output: predicted } = tokenJoules(one.figures, one.machine, one.use);
    return { ...one, predicted, error: predicted / one.joules - 1 };
  });
}

/** Middle of what the model is off by, and the most: factors, 1 is none. */
export function factors(checked: readonly Checked[]): { middle: number; most: number } {
  const sizes = checked.map(({ error }) => Math.exp(Math.abs(Math.log(1 + error))))
    .sort((a, b) => a - b);
  return { middle: sizes[sizes.length >> 1]!, most: sizes.at(-1)! };
}
