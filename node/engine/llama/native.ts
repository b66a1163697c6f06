import type { LlamaContext, LlamaModel } from 'node-llama-cpp';

/** Index of a row's logits within the last call. */
export type LogitIndex = number & { readonly __logitIndex: never };

/**
 * What of node-llama-cpp's binding is used beneath its public classes, as of the pinned version.
 * Those build a sampler, take locks and schedule a turn for every token, about a tenth of the time
 * of a small model, and leave neither the threads nor the order of a call's rows to the caller,
 * on which the bits depend.
 */
export interface NativeContext {
  /** Starts a call of that many rows. */
  initBatch(rows: number): void;
  /** @param wanted indices into `tokens` of the rows whose logits are wanted */
  addToBatch(
    sequence: number,
    position: number,
    tokens: Uint32Array,
    wanted: Uint32Array,
  ): ArrayLike<LogitIndex>;
  decodeBatch(): Promise<void>;
  /**
   * The fourth of the results are the sampler's candidates: token, raw logit, token, …
   * @param logits true for all of them, or `[tokens, …]` for those tokens only
   */
  sampleToken(
    index: LogitIndex,
    sampler: NativeSampler,
    probabilities: false,
    confidence: false,
    logits: true | readonly [number[], false, false, false, 0],
  ): Promise<[number, unknown, unknown, ArrayLike<number> | undefined]>;
  /** Forgets all of a sequence. */
  disposeSequence(sequence: number): void;
  /** False where the model's state cannot be cut. */
  removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean;
  /** Position of the oldest row that is still held; -1 for none. */
  getSequenceKvCacheMinPosition(sequence: number): number;
  setThreads(threads: number): void;
}

export interface NativeSampler {
  applyConfig(config: Record<string, unknown>): void;
  dispose(): void;
}

export function nativeContext(context: LlamaContext): NativeContext {
  return (context as unknown as { _ctx: NativeContext })._ctx;
}

/** A sampler that keeps the K largest raw logits. */
export function topKSampler(model: LlamaModel, topK: number): NativeSampler {
  // A temperature of 0 would return the whole vocabulary; 1 leaves the logits as they are.
  return newSampler(model, { temperature: 1, minP: 0, topK, topP: 1, seed: 0 });
}

/** A sampler that keeps the whole vocabulary, unsorted: for looking up single tokens. */
export function greedySampler(model: LlamaModel): NativeSampler {
  return newSampler(model, { temperature: 0 });
}

function newSampler(model: LlamaModel, config: Record<string, unknown>): NativeSampler {
  const { _bindings } = model.llama as unknown as {
    _bindings: { AddonSampler: new (model: unknown) => NativeSampler };
  };
  const sampler = new _bindings.AddonSampler((model as unknown as { _model: unknown })._model);
  sampler.applyConfig(config);
  return sampler;
}
