import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import type { LayerRange, Profile } from '../../../feeds/records/mod.ts';
import {
  type BatchPart,
  type LayeredModel,
  MAX_ROWS,
  type Session,
  type TopLogits,
} from '../backend.ts';
import type { Threads } from '../types.ts';
import { hasLoneRow } from './ubatch.ts';

/** Sessions of one context are evaluated in one call; those of different contexts are not. */
class LlamaSession implements Session {
  constructor(
    readonly context: Context,
    readonly sequence: number,
    readonly handle: LlamaContextSequence,
  ) {}

  get position(): number {
    return this.handle.nextTokenIndex;
  }

  async rewind(position: number): Promise<void> {
    const end = this.position;
    if (position < end) await this.handle.eraseContextTokenRanges([{ start: position, end }]);
  }
}

interface Context {
  context: LlamaContext;
  sessions: LlamaSession[];
  /** Starts the call once every sequence of the step has queued its rows. */
  expected: number;
}

/** All layers of a model in llama.cpp. */
export class LlamaLayers implements LayeredModel {
  readonly layers: LayerRange;
  readonly sessionBytes: number;
  readonly cores: number;
  threads: Threads;
  readonly #model: LlamaModel;
  readonly #profile: Profile;
  readonly #wanted: { generateNext: object };
  #contexts: Context[] = [];

  static async create(
    model: LlamaModel,
    profile: Profile,
    threads: Threads,
    cores: number,
  ): Promise<LlamaLayers> {
    const layers = new LlamaLayers(model, profile, threads, cores);
    await layers.grow(1);
    return layers;
  }

  private constructor(model: LlamaModel, profile: Profile, threads: Threads, cores: number) {
    this.#model = model;
    this.#profile = profile;
    this.cores = cores;
    this.threads = threads;
    const { block_count, attention, embedding_length } = model.fileInfo.architectureMetadata;
    const count = Number(block_count ?? 1);
    this.layers = { from: 0, to: count };
    const heads = first(attention?.head_count) ?? 1;
    const headSize = Number(embedding_length ?? 0) / heads;
    const wide = (first(attention?.head_count_kv) ?? heads) *
      (Number(attention?.key_length ?? headSize) + Number(attention?.value_length ?? headSize));
    this.sessionBytes = Math.ceil(count * wide * 2 * profile.contextSize);
    const options = { temperature: 1, topK: profile.topK, topP: 1, minP: 0, seed: 0 };
    this.#wanted = { generateNext: { logits: true, options } };
  }

  get sessions(): LlamaSession[] {
    return this.#contexts.flatMap(({ sessions }) => sessions);
  }

  async grow(count: number): Promise<void> {
    const entry: Context = { context: undefined!, sessions: [], expected: 0 };
    let queued = 0;
    entry.context = await this.#model.createContext({
      // The binding leaves the last cell free; so do we, since the last token of an answer is
      // drawn but never evaluated.
      contextSize: this.#profile.contextSize,
      sequences: count,
      batchSize: MAX_ROWS,
      flashAttention: this.#profile.flashAttention,
      threads: this.cores,
      failedCreationRemedy: false,
      batching: {
        dispatchSchedule: (dispatch) => {
          // Calls of one step queue their rows one microtask after the other.
          queued = 0;
          const wait = () => (queued++ < 4 ? queueMicrotask(wait) : dispatch());
          queueMicrotask(wait);
        },
        itemPrioritizationStrategy: ({ items }) =>
          items.map((item) => ({ item, processAmount: item.tokens.length })),
      },
    });
    for (let i = 0; i < count; i++) {
      entry.sessions.push(new LlamaSession(entry, i, entry.context.getSequence()));
    }
    this.#contexts.push(entry);
  }

  async shrink(): Promise<void> {
    const [first, ...rest] = this.#contexts;
    this.#contexts = first === undefined ? [] : [first];
    for (const { context } of rest) await context.dispose();
  }

  async step(parts: readonly BatchPart[]): Promise<TopLogits[][]> {
    const results: TopLogits[][] = parts.map(() => []);
    for (const context of this.#contexts) {
      const mine = parts
        .map((part, at) => ({ part, at, session: part.session as LlamaSession }))
        .filter(({ session }) => session.context === context)
        .sort((a, b) => a.session.sequence - b.session.sequence);
      if (mine.length === 0) continue;
      const evaluated = await this.#stepContext(mine);
      mine.forEach(({ at }, i) => results[at] = evaluated[i]!);
    }
    return results;
  }

  async dispose(): Promise<void> {
    for (const { context } of this.#contexts) await context.dispose();
    this.#contexts = [];
    await this.#model.dispose();
  }

  async #stepContext(
    parts: readonly { part: BatchPart; session: LlamaSession }[],
  ): Promise<TopLogits[][]> {
    const { threads } = this;
    const rows = parts.map(({ part, session }) => ({
      sequence: session.sequence,
      rows: part.tokens.length,
    }));
    const lone = hasLoneRow(rows);
    const room = this.#profile.contextSize - 3;
    const pad = lone && threads.pad && 2 * parts.length <= MAX_ROWS &&
      parts.every(({ part, session }) => part.tokens.length === 1 && session.position <= room);
    this.#model.llama.maxThreads = lone && !pad ? threads.single : threads.batch;
    const outputs = await Promise.all(parts.map(({ part, session }) => {
      const last = part.tokens.length - 1;
      const input = part.tokens.map((token, i) =>
        part.logits === 'all' || (part.logits === 'last' && i === last)
          ? [token as Token, this.#wanted] as [Token, object]
          : token as Token
      );
      if (pad) input.push(part.tokens[last]! as Token);
      return session.handle.controlledEvaluate(input);
    }));
    if (pad) {
      for (const { session } of parts) await session.rewind(session.position - 1);
    }
    return outputs.map((output) => {
      const top: TopLogits[] = [];
      for (const item of output) {
        const logits = item?.next?.logits;
        if (logits) top.push({ ids: [...logits.keys()], logits: [...logits.values()] });
      }
      return top;
    });
  }
}

function first(value: unknown): number | undefined {
  if (Array.isArray(value)) return Math.max(...value.map(Number));
  return value === undefined ? undefined : Number(value);
}
