import type { FinishReason, LayerRange, Profile, Sampling } from '../../feeds/records/mod.ts';

/** A message of a conversation. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** What an engine says of itself once it is up. */
export interface EngineInfo {
  /** `cpu`, `cuda`, `vulkan` or `metal`. */
  backend: string;
  /** Name of the device as the driver gives it: a claim. */
  device: string;
  /** llama.cpp build identifier. */
  build: string;
  /** Total and free memory in bytes of the device that holds the models. */
  memory: { total: number; free: number };
}

/** A model that is loaded, or of which only the vocabulary is. */
export interface LoadedModel {
  profileId: Uint8Array;
  /** False: tokenising only. */
  weights: boolean;
  layers: LayerRange | null;
  contextSize: number;
  /** Token ids are below it. */
  vocabularySize: number;
  /** Ids that end an answer; none where only the vocabulary is loaded. */
  endTokens: readonly number[];
  /** Sessions that decode at once. */
  slots: number;
  threads: number;
  /** Determinism class: hash of build, kernels, settings. Equal classes give equal bits. */
  class: Uint8Array;
  /** `exact` once the self-test passed on this build with these settings. */
  determinism: 'exact' | 'tolerant';
}

/** One answer, or the rest of one, to be decoded. */
export interface GenerateRequest {
  profileId: Uint8Array;
  /** Token ids of the whole prompt, template applied. */
  prompt: readonly number[];
  /** Output ids that earlier attempts produced: forced, keeping their positions. */
  prefix: readonly number[];
  /** 32 bytes, see the sampler. */
  seed: Uint8Array;
  sampling: Sampling;
  stops: readonly string[];
  /** Hands out the candidates that each token was drawn from. */
  candidates?: boolean;
}

/**
 * One output token. `text` is what became printable with it: whole characters only. The end token,
 * and the token that completes a stop string, come like any other: the ids are the whole answer.
 */
export interface GeneratedToken {
  id: number;
  /** Position in the whole answer. */
  position: number;
  text: string;
  /** Its raw logit, a float of 32 bits. */
  logit: number;
  /** What it was drawn from, where that was asked for: ids and quantised relative logits. */
  candidates?: { ids: number[]; z: number[] };
}

/** What ends a generation. */
export interface GenerateEnd {
  finish: FinishReason;
  /**
   * Text held back until the end: what might have become a stop string, and incomplete characters,
   * which show as U+FFFD. Empty after a stop string.
   */
  text: string;
  /** Tokens of prompt and prefix whose state was re-used. */
  cached: number;
  /** From the start of the work to the first token; waiting for a slot is not in it. */
  promptMs: number;
  /** From the request to the end, waiting included. */
  totalMs: number;
}

/** A finished answer, to be read once more: every output id is forced. */
export interface ScoreRequest {
  profileId: Uint8Array;
  /** Token ids of the whole prompt, template applied. */
  prompt: readonly number[];
  /** Output ids of the whole answer. */
  output: readonly number[];
  /** Output position of the first result: an attempt's own tokens begin there. */
  from: number;
  /** Candidates a position, 1 to 64. */
  topK: number;
}

/** What the model here makes of one output position. */
export interface ScoredPosition {
  /** Position in the whole answer. */
  position: number;
  /** The forced token. */
  id: number;
  /** Its raw logit, also where it is not among the candidates. */
  logit: number;
  /** The `topK` largest raw logits, largest first. */
  ids: readonly number[];
  logits: readonly number[];
}

/** What ends a scoring. */
export interface ScoreEnd {
  finish: 'end' | 'cancelled';
  /** Positions handed out. */
  positions: number;
  /** Rows evaluated, those that had to be evaluated again included. */
  rows: number;
  /** Time of the evaluations alone, and from the request to the end. */
  workMs: number;
  totalMs: number;
}

/** Turns output ids into text as they come. */
export interface TextStream {
  push(ids: readonly number[]): Promise<string>;
  end(): Promise<string>;
}

/** Files of a model on this machine. */
export interface ModelFiles {
  /** The whole GGUF; null where only the vocabulary is here. */
  weights: string | null;
  vocabulary: string;
}

/**
 * The Deno side of the engine process. Nothing of node-llama-cpp shows here.
 * A killed engine rejects what is in flight with `ENGINE_LOST` and is restarted with backoff.
 */
export interface Engine extends AsyncDisposable {
  info(): Promise<EngineInfo>;
  /** Loads (idempotent) the weights, or the vocabulary only. */
  load(
    profile: Profile,
    files: ModelFiles,
    options: { weights: boolean; signal?: AbortSignal },
  ): Promise<LoadedModel>;
  unload(profileId: Uint8Array): Promise<void>;
  /** Applies the profile's chat template; control tokens typed in a message stay text. */
  tokenizeChat(profileId: Uint8Array, messages: readonly ChatMessage[]): Promise<number[]>;
  /** A raw prompt to ids, without a template; control tokens typed in it stay text. Never empty. */
  tokenizeText(profileId: Uint8Array, text: string): Promise<number[]>;
  textStream(profileId: Uint8Array, stops: readonly string[]): TextStream;
  /**
   * Decodes. Pulling is the flow control: the engine runs at most a bounded window ahead of the
   * reader. Aborting stops within one token and ends with `cancelled`.
   */
  generate(
    request: GenerateRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<GeneratedToken, GenerateEnd, void>;
  /**
   * Evaluates a prompt with its answer forced and gives the model's own logits for each output
   * position from `from` on, in order. Runs when no answer is being decoded, or within a share of
   * the time beside them, and gives its place up to an answer that needs it. Pulling is the flow
   * control; aborting ends with `cancelled` after at most one batch.
   */
  score(
    request: ScoreRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<ScoredPosition, ScoreEnd, void>;
  /** What happens to the process; for the node's events. Each iteration has its own queue. */
  readonly events: AsyncIterable<EngineEvent>;
  /**
   * Compares prefill and decode of a loaded model bit by bit, once the running answers have ended;
   * gives up when somebody waits. `exact` is claimed from a passed test on.
   */
  selfTest(profileId: Uint8Array, options?: { budgetMs?: number }): Promise<SelfTestResult>;
  close(): Promise<void>;
}

/** What the comparison of prefill and decode gave. */
export interface SelfTestResult {
  /** Null where the time was not enough or somebody waited: nothing is known then. */
  passed: boolean | null;
  /** Rows compared, and those of them whose ids or logits differed in some bit. */
  compared: number;
  different: number;
  /** Cache lengths that were covered. */
  lengths: number[];
  /** The determinism class that was tested: remember it when it passed. */
  class: Uint8Array;
}

/**
 * How many threads a step takes. Attention over a long cache is split by thread where a row is
 * computed alone, which changes its bits; rows computed together are not affected.
 */
export interface Threads {
  /** For calls in which some row would be computed alone. */
  single: number;
  /** For calls whose rows are all computed with others. */
  batch: number;
  /** Gives a lone row a companion that is thrown away, and so the threads of a batch. */
  pad: boolean;
}

export type EngineEvent =
  | { type: 'up'; info: EngineInfo }
  | { type: 'lost'; reason: string; restartMs: number }
  /** The threads of a model were measured: remember them for this machine and model. */
  | { type: 'calibrated'; model: LoadedModel; threads: Threads };
