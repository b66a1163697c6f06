import type { LlamaModel } from 'node-llama-cpp';
import type { LayerRange, Profile } from '../../../feeds/records/mod.ts';
import type { BatchPart, LayeredModel, ScoredLogits } from '../backend.ts';
import type { Threads } from '../types.ts';
import { type LlamaSession, SessionGroup } from './context.ts';

/** All layers of a model in llama.cpp. */
export class LlamaLayers implements LayeredModel {
  readonly layers: LayerRange;
  readonly sessionBytes: number;
  readonly cores: number;
  threads: Threads;
  readonly #model: LlamaModel;
  readonly #profile: Profile;
  #groups: SessionGroup[] = [];

  constructor(model: LlamaModel, profile: Profile, threads: Threads, cores: number) {
    this.#model = model;
    this.#profile = profile;
    this.cores = cores;
    this.threads = threads;
    const { block_count, attention, embedding_length } = model.fileInfo.architectureMetadata;
    const count = Number(block_count ?? 1);
    this.layers = { from: 0, to: count };
    const heads = largest(attention?.head_count) ?? 1;
    const headSize = Number(embedding_length ?? 0) / heads;
    const width = (largest(attention?.head_count_kv) ?? heads) *
      (Number(attention?.key_length ?? headSize) + Number(attention?.value_length ?? headSize));
    this.sessionBytes = Math.ceil(count * width * 2 * profile.contextSize);
  }

  get sessions(): LlamaSession[] {
    return this.#groups.flatMap(({ sessions }) => sessions);
  }

  async grow(count: number): Promise<void> {
    this.#groups.push(await SessionGroup.open(this.#model, this.#profile, count, this.cores));
  }

  async shrink(): Promise<void> {
    for (const group of this.#groups.splice(1)) await group.dispose();
  }

  async step(parts: readonly BatchPart[]): Promise<ScoredLogits[][]> {
    const results: ScoredLogits[][] = parts.map(() => []);
    for (const group of this.#groups) {
      const mine = parts
        .map((part, at) => ({ part, at, session: part.session as LlamaSession }))
        .filter(({ session }) => session.context === group)
        .sort((a, b) => a.session.sequence - b.session.sequence);
      if (mine.length === 0) continue;
      const evaluated = await group.step(mine, this.threads);
      mine.forEach(({ at }, i) => results[at] = evaluated[i]!);
    }
    return results;
  }

  async dispose(): Promise<void> {
    for (const group of this.#groups.splice(0)) await group.dispose();
    await this.#model.dispose();
  }
}

function largest(value: unknown): number | undefined {
  if (Array.isArray(value)) return Math.max(...value.map(Number));
  return value === undefined ? undefined : Number(value);
}
