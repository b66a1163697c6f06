import type {
  Engine,
  GeneratedToken,
  GenerateEnd,
  GenerateRequest,
  LoadedModel,
  ScoredPosition,
} from '../../node/engine/mod.ts';
import { quantiseLogits } from '../../node/sampler/mod.ts';

/** Who writes which tokens of an answer. */
export interface Mixture {
  /** Tokens that the right model writes before the next draft. */
  real: () => number;
  /** Tokens of a draft. */
  draft: number;
  /** Whether a drafted token stays; where it does not, the right model draws this one. */
  takes: (scored: ScoredPosition) => boolean;
}

/** An engine with the right weights and others. */
export interface Writers {
  engine: Pick<Engine, 'generate' | 'score'>;
  /** The right ones. */
  loaded: LoadedModel;
  /** Candidates that the sampler draws from. */
  topK: number;
  /** Profile of the others. */
  other: Uint8Array;
}

/**
 * An answer that two models write. The right one reads all of it, so that bytes and candidates are
 * its own: only the choice of the tokens is not what it should be. Stop strings are not looked for.
 */
export async function* mixed(
  request: GenerateRequest,
  writers: Writers,
  mixture: Mixture,
  signal?: AbortSignal,
): AsyncGenerator<GeneratedToken, GenerateEnd, void> {
  const { engine, loaded, topK, other } = writers;
  const { maxTokens } = request.sampling;
  const made = [...request.prefix];
  const over = () => made.length >= maxTokens || loaded.endTokens.includes(made.at(-1) ?? -1);
  const next = (profileId: Uint8Array, count: number) => {
    const sampling = { ...request.sampling, maxTokens: Math.min(maxTokens, made.length + count) };
    return all(engine.generate({ ...request, profileId, prefix: [...made], sampling }, signal));
  };
  const give = (token: GeneratedToken): GeneratedToken => {
    made.push(token.id);
    return token;
  };
  while (!over() && !signal?.aborted) {
    const real = Math.min(mixture.real(), maxTokens);
    if (real > 0) { for (const token of await next(request.profileId, real)) yield give(token); }
    if (over()) break;
    const drafted = (await next(other, mixture.draft)).map(({ id }) => id);
    const { profileId, prompt } = request;
    const from = made.length, output = [...made, ...drafted];
    for await (const scored of engine.score({ profileId, prompt, output, from, topK }, signal)) {
      if (!mixture.takes(scored)) {
        for (const token of await next(profileId, 1)) yield give(token);
        break;
      }
      const { position, id, logit, ids, logits } = scored;
      const candidates = { ids: [...ids], z: [...quantiseLogits(logits)] };
      yield give({ position, id, logit, text: '', candidates });
    }
  }
  const ended = loaded.endTokens.includes(made.at(-1) ?? -1);
  const finish = signal?.aborted ? 'cancelled' : ended ? 'end' : 'length';
  return { finish, text: '', cached: 0, promptMs: 0, totalMs: 0 };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
