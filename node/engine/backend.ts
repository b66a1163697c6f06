import type { LayerRange, Profile } from '../../feeds/records/mod.ts';
import type { EngineInfo, Threads } from './types.ts';

/** The K largest raw logits of one row, largest first. */
export interface TopLogits {
  ids: readonly number[];
  logits: readonly number[];
}

/** Rows whose logits are to be compared with what followed. */
export interface ScoringRows {
  /** Index within the part of the first such row; all later ones are. */
  first: number;
  /** Candidates a row, in place of the profile's. */
  topK: number;
  /** The token that followed each of these rows. */
  claimed: readonly number[];
}

/** Candidates of a row with the raw logit of the token that followed it. */
export interface ScoredLogits extends TopLogits {
  claimed?: number;
}

/**
 * State of one sequence: its key-value cache over the layers that this process holds. Rows are
 * appended at `position`; `rewind` forgets everything from a position on.
 */
export interface Session {
  /** Rows evaluated so far, hence the position of the next one. */
  readonly position: number;
  /** Goes back to `position`, or further where the state cannot be cut there. */
  rewind(position: number): Promise<void>;
}

/** Consecutive rows of one session within a batch. */
export interface BatchPart {
  session: Session;
  /** Token ids, one a row, starting at the session's position. */
  tokens: readonly number[];
  /** Which rows' logits are wanted. */
  logits: 'none' | 'last' | 'all' | ScoringRows;
}

/** Token ids and text of one model; pure. */
export interface Vocabulary {
  readonly size: number;
  /** First token of a text, where the model wants one. */
  readonly begin: number | null;
  /** Text of the tokens that templates name. */
  readonly beginText: string;
  readonly endText: string;
  /** True where the tokenizer puts a space before a text that starts one. */
  readonly spacePrefix: boolean;
  /** False where a token's bytes never depend on the tokens before it. */
  readonly contextual: boolean;
  /** Jinja source; null where the model has none. */
  readonly chatTemplate: string | null;
  isEnd(id: number): boolean;
  /** @param control whether names of control tokens in the text become those tokens */
  tokenize(text: string, control: boolean): number[];
  /** Control tokens give nothing; incomplete characters give U+FFFD. */
  detokenize(ids: readonly number[]): string;
}

/** A range of layers `[from, to)` in memory, with the sessions that it can hold at once. */
export interface LayeredModel {
  readonly layers: LayerRange;
  /** Bytes of state of one session. */
  readonly sessionBytes: number;
  readonly sessions: readonly Session[];
  /** Cores that are of use. */
  readonly cores: number;
  threads: Threads;
  /** Opens `count` more sessions. */
  grow(count: number): Promise<void>;
  /** Closes sessions beyond the first ones; none of them may be in use. */
  shrink(): Promise<void>;
  /** Evaluates one batch; for every part the logits of the wanted rows, in order. */
  step(parts: readonly BatchPart[]): Promise<ScoredLogits[][]>;
  dispose(): Promise<void>;
}

/** What must be equal for equal bits, beside the profile. */
export interface BuildFacts {
  /** llama.cpp release and binding version. */
  build: string;
  /** CPU features or device that select the kernels. */
  kernels: string;
}

/** Something that can hold models: llama.cpp, or a deterministic stand-in. */
export interface Backend {
  info(): Promise<EngineInfo>;
  facts(): Promise<BuildFacts>;
  /** Bytes that models may take now. */
  freeMemory(): Promise<number>;
  vocabulary(path: string, signal: AbortSignal): Promise<Vocabulary & AsyncDisposable>;
  model(
    profile: Profile,
    path: string,
    signal: AbortSignal,
  ): Promise<{ vocabulary: Vocabulary; model: LayeredModel }>;
}

/** Rows of one call, over all sessions: up to here prefill and decode give the same bits. */
export const MAX_ROWS = 63;
