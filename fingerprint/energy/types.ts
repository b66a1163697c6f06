/** Where a figure of energy comes from. */
export type SourceName = 'nvml' | 'rapl' | 'estimate';

/** Joules since some moment in the past. */
export interface Reading {
  /** Monotonic milliseconds. */
  at: number;
  joules: number;
}

/** What a source is and how far it can be trusted. */
export interface SourceInfo {
  name: SourceName;
  /** What is read, for people. */
  detail: string;
  /** Relative error of what it says, e.g. 0.05. */
  error: number;
  /** Its counter moves in steps of this length, milliseconds: what is shorter cannot be seen. */
  stepMs: number;
}

/** A counter of energy that only grows. */
export interface EnergySource extends AsyncDisposable {
  readonly info: SourceInfo;
  /** @throws {NexusError} `ENERGY_UNREADABLE` */
  read(): Promise<Reading>;
}

/** Why a source is not there. */
export interface Absence {
  name: SourceName;
  /** For people. */
  reason: string;
  /** The command that mends it; null where nothing does. */
  mend: string | null;
}

/** Energy of one job. */
export interface JobEnergy {
  source: SourceName;
  /** Relative error, of the source and of the steps of its counter; at most 1. */
  error: number;
  /** Reading the prompt: from the start of the work to the first token. Joules. */
  prompt: number;
  /** From the first token to the end. Joules. */
  output: number;
  /** Prompt tokens that were evaluated: those in the cache cost nothing. */
  promptTokens: number;
  /** Output tokens after the first one, which comes with the prompt. */
  outputTokens: number;
  /** How long it worked, milliseconds. */
  ms: number;
}
