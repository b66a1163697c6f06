import type { LlamaContext, LlamaModel } from 'node-llama-cpp';
import type { Profile } from '../../../feeds/records/mod.ts';
import { type BatchPart, MAX_ROWS, type ScoredLogits, type Session } from '../backend.ts';
import { ThreadPace } from '../pace.ts';
import type { Threads } from '../types.ts';
import {
  greedySampler,
  type LogitIndex,
  type NativeContext,
  nativeContext,
  type NativeSampler,
  topKSampler,
} from './native.ts';
import { hasLoneRow } from './ubatch.ts';

/** Rows of a scoring that are sampled at once. */
const LANES = 8;

/** One sequence of a context. */
export class LlamaSession implements Session {
  position = 0;

  constructor(readonly context: SessionGroup, readonly sequence: number) {}

  // deno-lint-ignore require-await -- other backends have to wait
  async rewind(position: number): Promise<void> {
    // From the start always: a failed call may have left rows behind that nobody counted.
    if (position < this.position || position === 0) {
      this.position = this.context.cut(this, position);
    }
  }
}

/** Rows of one session in a call. */
export interface GroupPart {
  part: BatchPart;
  session: LlamaSession;
}

/** Sessions that are evaluated in one call: those of one llama.cpp context. */
export class SessionGroup {
  readonly sessions: LlamaSession[];
  readonly #context: LlamaContext;
  readonly #native: NativeContext;
  readonly #model: LlamaModel;
  readonly #profile: Profile;
  /** One a part: sampling runs beside the others on threads of its own. */
  readonly #samplers: NativeSampler[] = [];
  /** By number of candidates and lane; of no candidates: finds single tokens. */
  readonly #scorers = new Map<string, NativeSampler>();
  readonly #canCut: boolean;
  /** Whose paces these are; by rows of a call. */
  #threads: Threads | null = null;
  readonly #paces = new Map<number, ThreadPace>();

  static async open(
    model: LlamaModel,
    profile: Profile,
    sessions: number,
    threads: number,
  ): Promise<SessionGroup> {
    const context = await model.createContext({
      contextSize: profile.contextSize,
      sequences: sessions,
      batchSize: MAX_ROWS,
      flashAttention: profile.flashAttention,
      threads,
      // A context that is smaller than the profile's would not be the profile's.
      failedCreationRemedy: false,
    });
    return new SessionGroup(context, model, profile, sessions);
  }

  private constructor(
    context: LlamaContext,
    model: LlamaModel,
    profile: Profile,
    sessions: number,
  ) {
    this.#context = context;
    this.#native = nativeContext(context);
    this.#model = model;
    this.#profile = profile;
    this.sessions = Array.from({ length: sessions }, (_, i) => new LlamaSession(this, i));
    const { isRecurrent, isHybrid, swaSize } = model.fileInsights;
    this.#canCut = !isRecurrent && !isHybrid && !swaSize;
  }

  /** Forgets a session's rows from a position on; returns where it then stands. */
  cut(session: LlamaSession, position: number): number {
    const { sequence } = session;
    const held = Math.max(0, this.#native.getSequenceKvCacheMinPosition(sequence));
    const cut = position > held &&
      this.#native.removeTokenCellsFromSequence(sequence, position, session.position);
    if (cut) return position;
    // Sliding windows and recurrent states cannot go back: they begin again.
    this.#native.disposeSequence(sequence);
    return 0;
  }

  /** @param parts in ascending order of sequence ids: others would be computed apart */
  async step(parts: readonly GroupPart[], threads: Threads): Promise<ScoredLogits[][]> {
    const native = this.#native;
    const lone = hasLoneRow(parts.map(({ part, session }) => ({
      sequence: session.sequence,
      rows: part.tokens.length,
    })));
    const pad = lone && threads.pad && this.#canPad(parts);
    const rows = parts.reduce((n, { part }) => n + part.tokens.length + (pad ? 1 : 0), 0);
    const pace = lone && !pad ? null : this.#paceOf(threads, rows);
    native.setThreads(pace === null ? threads.single : pace.threads);
    native.initBatch(rows);
    const indices = parts.map(({ part, session }) => {
      const rows = part.tokens.length;
      const tokens = Uint32Array.from(pad ? [...part.tokens, part.tokens[rows - 1]!] : part.tokens);
      const first = firstRow(part);
      const wanted = Uint32Array.from({ length: rows - first }, (_, i) => first + i);
      return native.addToBatch(session.sequence, session.position, tokens, wanted);
    });
    const start = performance.now();
    await native.decodeBatch();
    pace?.took((performance.now() - start) / rows);
    for (const { part, session } of parts) {
      session.position += part.tokens.length;
      if (pad) {
        const { sequence, position } = session;
        native.removeTokenCellsFromSequence(sequence, position, position + 1);
      }
    }
    return await Promise.all(indices.map((rows, i) => {
      const { logits } = parts[i]!.part;
      return typeof logits === 'object'
        ? this.#scored(rows, logits.topK, logits.claimed)
        : this.#topLogits(rows, this.#sampler(i));
    }));
  }

  async dispose(): Promise<void> {
    for (const sampler of [...this.#samplers, ...this.#scorers.values()]) sampler.dispose();
    await this.#context.dispose();
  }

  /** Of calls with as many rows: a row of many is cheaper than one of few. */
  #paceOf(threads: Threads, rows: number): ThreadPace {
    if (threads !== this.#threads) this.#paces.clear();
    this.#threads = threads;
    let pace = this.#paces.get(rows);
    if (pace === undefined) this.#paces.set(rows, pace = new ThreadPace(threads.batch));
    return pace;
  }

  #canPad(parts: readonly GroupPart[]): boolean {
    return this.#canCut && 2 * parts.length <= MAX_ROWS &&
      parts.every(({ part, session }) =>
        part.tokens.length === 1 && session.position + 2 <= this.#profile.contextSize
      );
  }

  #sampler(i: number): NativeSampler {
    return this.#samplers[i] ??= topKSampler(this.#model, this.#profile.topK);
  }

  async #scored(
    rows: ArrayLike<LogitIndex>,
    topK: number,
    claimed: readonly number[],
  ): Promise<ScoredLogits[]> {
    const scored: ScoredLogits[] = [];
    const lane = async (first: number) => {
      for (let row = first; row < rows.length; row += LANES) {
        const [top] = await this.#topLogits([rows[row]!], this.#scorer(topK, first));
        const rank = top!.ids.indexOf(claimed[row]!);
        scored[row] = {
          ...top!,
          claimed: rank >= 0
            ? top!.logits[rank]!
            : await this.#logitOf(rows[row]!, claimed[row]!, first),
        };
      }
    };
    await Promise.all(Array.from({ length: Math.min(LANES, rows.length) }, (_, i) => lane(i)));
    return scored;
  }

  /** One token's raw logit: dearer than a row's candidates, and seldom needed. */
  async #logitOf(row: LogitIndex, token: number, lane: number): Promise<number> {
    const wanted: [number[], false, false, false, 0] = [[token], false, false, false, 0];
    const sampler = this.#scorer(0, lane);
    const result = await this.#native.sampleToken(row, sampler, false, false, wanted);
    return result[3]?.[1] ?? NaN;
  }

  #scorer(topK: number, lane: number): NativeSampler {
    const key = `${topK} ${lane}`;
    let sampler = this.#scorers.get(key);
    if (sampler === undefined) {
      sampler = topK === 0 ? greedySampler(this.#model) : topKSampler(this.#model, topK);
      this.#scorers.set(key, sampler);
    }
    return sampler;
  }

  async #topLogits(
    rows: ArrayLike<LogitIndex>,
    sampler: NativeSampler,
  ): Promise<ScoredLogits[]> {
    const tops: ScoredLogits[] = [];
    for (let row = 0; row < rows.length; row++) {
      const result = await this.#native.sampleToken(rows[row]!, sampler, false, false, true);
      const flat = result[3] ?? [];
      const ids: number[] = [], logits: number[] = [];
      for (let i = 0; i + 1 < flat.length; i += 2) ids.push(flat[i]!), logits.push(flat[i + 1]!);
      tops.push({ ids, logits });
    }
    return tops;
  }
}

/** Index of the first row of a part whose logits are wanted; all later ones are, too. */
function firstRow({ logits, tokens }: BatchPart): number {
  if (typeof logits === 'object') return logits.first;
  return logits === 'all' ? 0 : logits === 'last' ? tokens.length - 1 : tokens.length;
}
