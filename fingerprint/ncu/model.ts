/** What the energy of a model's tokens follows from. */
export interface ModelFigures {
  /** Bytes of its file: weights as they are quantised, and a little beside them. */
  bytes: number;
  /** Number of weights; 0 where only the file is known. */
  parameters: number;
  /** Share of the weights that a token uses: below 1 for mixtures of experts. */
  active?: number;
  /** Bytes of keys and values that a token leaves; null where that is not known. */
  kvBytesPerToken: number | null;
}

/** A machine by what its makers say of it. */
export interface MachineFigures {
  name: string;
  /** Board or package power, watts. */
  watts: number;
  /** Memory, bytes a second. */
  bandwidth: number;
  /** 16-bit floating-point operations a second, without sparsity. */
  flops: number;
}

/** How the machine is used. */
export interface Use {
  /** Answers that are decoded together: each step reads the weights once for all of them. */
  streams: number;
  /** Tokens before the one that is made, on average. */
  context: number;
}

/** Joules of one token. */
export interface TokenJoules {
  prompt: number;
  output: number;
}

/**
 * Shares of what makers promise that well-kept engines reach: of bandwidth while they decode, of
 * operations while they read a prompt, and of board power meanwhile. One set for all machines, in
 * round numbers: how far that is from measurements, `checkPublished` tells.
 */
export const REACHED = { bandwidth: 0.65, flops: 0.4, watts: 0.85 } as const;
/** A multiplication and an addition for each weight. */
const FLOPS_PER_WEIGHT = 2;
/** Prompt tokens that are evaluated in one step. */
const PROMPT_STEP = 512;
/** Bytes of a weight where only the size of a file is known: of four and a half bits. */
const UNKNOWN_WEIGHT_BYTES = 4.5 / 8;

/**
 * Energy of a token. Decoding waits for memory: a step reads all active weights and the keys and
 * values of each stream, while the operations hide behind it (on machines of much bandwidth, for many
 * streams, they add up, and are counted). Reading a prompt waits for the processor.
 * Source: the roofline model, Williams and others, CACM 52 (2009).
 */
export function tokenJoules(
  { bytes, parameters, active = 1, kvBytesPerToken }: ModelFigures,
  { watts, bandwidth, flops }: MachineFigures,
  { streams, context }: Use,
): TokenJoules {
  const perByte = REACHED.watts * watts / (REACHED.bandwidth * bandwidth);
  const perFlop = REACHED.watts * watts / (REACHED.flops * flops);
  const weights = (parameters || bytes / UNKNOWN_WEIGHT_BYTES) * active;
  const operations = FLOPS_PER_WEIGHT * weights * perFlop;
  // Experts differ from stream to stream: with many of them all are read.
  const read = bytes * Math.min(1, active * streams);
  return {
    prompt: operations + read / PROMPT_STEP * perByte,
    output: (read / streams + (kvBytesPerToken ?? 0) * context) * perByte + operations,
  };
}
