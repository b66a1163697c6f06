/** What somebody says of a node's speed with one profile, or what one measured. Rates in tokens/s. */
export interface FiguresRow {
  /** Prompt tokens a second. */
  prefill: number | null;
  /** Output tokens a second, one job alone. */
  decode: number | null;
  /** Jobs at once at which the total is best, and that total in tokens/s. */
  streams: number | null;
  streamRate: number | null;
  /** Largest prompt and answer together, in tokens. */
  context: number | null;
  /** Milliseconds since 1970. */
  at: number;
}

/** From `low` to `high`, with this confidence (0 to 1). */
export interface IntervalRow {
  low: number;
  high: number;
  confidence: number;
}

/** What the challengers of the beacon found together: the same on all nodes. */
export interface AttestedRow {
  prefill: IntervalRow;
  decode: IntervalRow;
  /** Total tokens/s at the best number of jobs at once. */
  streams: IntervalRow | null;
  context: IntervalRow | null;
  /** It holds up to the cut of this epoch. */
  until: number;
  /** Keys of the challengers, hexadecimal. */
  by: string[];
  /** What computed the raw product: `gpu`, `cpu` or `none`; in Mop/s, and MiB of memory. */
  raw: { backend: 'gpu' | 'cpu' | 'none'; rate: number; memory: number } | null;
}

/** One set of figures of the past. */
export interface FigureHistoryRow {
  at: number;
  /** `claim`: said by the node; `own`: measured by this node; `attestation`: by a challenger. */
  source: 'claim' | 'own' | 'attestation';
  /** Who measured, hexadecimal. */
  by: string;
  prefill: number | null;
  decode: number | null;
}

/** Energy of one token. Joules. */
export interface TokenEnergyRow {
  /** `nvml`, `rapl`: measured; `estimate`: from the class. */
  source: 'nvml' | 'rapl' | 'estimate';
  promptToken: number | null;
  outputToken: number | null;
  /** Relative error that is stated with it, e.g. 0.05; null where nobody knows. */
  error: number | null;
}

/** One node with one profile. Names are its own words: show them sanitised. */
export interface FingerprintRow {
  /** Identity key, hexadecimal. */
  key: string;
  /** This very node. */
  own: boolean;
  name: string | null;
  /** Profile id, hexadecimal, and the name of the model; null where that is not known here. */
  profile: string;
  model: string | null;
  /** Determinism class, hexadecimal. */
  class: string;
  /** What it says of itself. */
  claimed: FiguresRow | null;
  /** What this node measured: its own jobs with it, or its last challenge. */
  measured: FiguresRow | null;
  attested: AttestedRow | null;
  /** A claim that the attestations contradict; null where none is. */
  contradicted:
    | { figure: string; claimed: number; low: number; high: number; epoch: number }
    | null;
  /** Oldest first. Bounded. */
  history: FigureHistoryRow[];
  /** Of this node, once it has answered; null for others: joules are not announced. */
  energy: TokenEnergyRow | null;
}

/** How far a challenge is. */
export type ChallengeState =
  | 'drawn'
  | 'waiting'
  | 'work'
  | 'raw'
  | 'micro'
  | 'logged'
  | 'refused'
  | 'failed';

/** A challenge that this node has to make, or makes, or has made. */
export interface ChallengeRow {
  executor: string;
  profile: string;
  /** Epoch of the beacon that drew it; null: somebody here asked for it. */
  epoch: number | null;
  state: ChallengeState;
  /** Runs that are done, of so many. */
  done: number;
  runs: number;
  /** Why it waits or failed, for people. */
  detail: string;
  /** Milliseconds since 1970, of the last change. */
  at: number;
}

/** What is known of the machines in the mesh, as this node sees it. */
export interface FingerprintRows {
  /** Newest cut that is folded; null before the first and in a network without witnesses. */
  epoch: number | null;
  /** Challengers a node and period; 0: the network draws none. */
  challengers: number;
  /** Own first, then by key. Bounded. */
  nodes: FingerprintRow[];
  /** Newest last. Bounded. */
  challenges: ChallengeRow[];
  /** Share of the working time that answering challenges took, 0 to 1; null before the first. */
  cost: number | null;
  /** Why nothing is measured now, for people; null where it is. */
  note: string | null;
}
