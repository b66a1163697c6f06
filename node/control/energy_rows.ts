/** Energy that this node has used for one job, or for several of a day. Joules. */
export interface EnergyRow {
  /** When the last of them ended, milliseconds since 1970. */
  at: number;
  /** When the process began that did it; null for several. */
  session: number | null;
  /** Id, and attempt; null for several. */
  job: string | null;
  attempt: number | null;
  jobs: number;
  /** Asked for here; false: for a peer. */
  own: boolean;
  /** Profile id, hexadecimal. */
  profile: string;
  model: string;
  /** `nvml`, `rapl`: counted; `estimate`: from the class of the machine. */
  source: 'nvml' | 'rapl' | 'estimate';
  /** Relative error that is stated with it. */
  error: number;
  /** Tokens of prompts and answers. */
  promptTokens: number;
  tokens: number;
  /** Prompt tokens that were not in the cache, and output tokens after each first one. */
  evaluated: number;
  decoded: number;
  /** Up to the first token, and from there on. */
  prompt: number;
  output: number;
  /** Reference energy of the tokens, micro-NCU; null where the profile has no coefficients. */
  ncu: number | null;
}

/** What the energy of this machine is counted by. */
export interface EnergySourceRow {
  name: 'nvml' | 'rapl' | 'estimate';
  /** What is read, for people. */
  detail: string;
  error: number;
  /** Why better ones are not there, and the command that mends it. */
  absent: { name: string; reason: string; mend: string | null }[];
}

/** Answer of the method `energy`, which takes `{ since? }`, milliseconds since 1970. */
export interface EnergyAnswer {
  /** When the node began. */
  session: number;
  /** Null before the first job. */
  source: EnergySourceRow | null;
  /** Oldest first. */
  rows: EnergyRow[];
}
