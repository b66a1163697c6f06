import type { FinishReason, Sampling } from '../../feeds/records/mod.ts';
import { createSampler } from '../sampler/mod.ts';

/** What an executor has signed of one attempt. */
export interface Claim {
  /** Token ids of the prompt. */
  prompt: readonly number[];
  /** Output ids of earlier attempts. */
  prefix: readonly number[];
  /** Output ids of this attempt. */
  output: readonly number[];
  finish: FinishReason;
  sampling: Sampling;
  /** 32 bytes. */
  seed: Uint8Array;
}

/** What the profile says of its model. */
export interface ModelFacts {
  contextSize: number;
  vocabularySize: number;
  topK: number;
  isEnd: (id: number) => boolean;
}

/** The candidates of one position that an executor opened under its top-k root. */
export interface OpenedPosition {
  position: number;
  ids: readonly number[];
  /** Quantised relative logits, see the sampler. */
  z: readonly number[];
}

/** Two things that one executor signed and that cannot both be. */
export interface Contradiction {
  code:
    | 'TOKEN_OUTSIDE_VOCABULARY'
    | 'END_MISSING'
    | 'TOKENS_AFTER_END'
    | 'LENGTH_NOT_REACHED'
    | 'LENGTH_EXCEEDED'
    | 'CANDIDATES_IMPOSSIBLE'
    | 'DRAW_DIFFERS';
  /** Position in the whole answer; null where it is the whole. */
  position: number | null;
}

/**
 * Looks for contradictions in what an executor signed; no model is needed, and everybody finds the
 * same. The end-of-answer rule: an answer that ended must end in an end token, one that was cut off
 * at its length must have it.
 */
export function contradictions(
  claim: Claim,
  model: ModelFacts,
  opened: readonly OpenedPosition[] = [],
): Contradiction[] {
  const { prompt, prefix, output, finish, sampling } = claim;
  const found: Contradiction[] = [];
  const total = prefix.length + output.length;
  const last = output.at(-1) ?? prefix.at(-1);
  const room = Math.min(sampling.maxTokens, model.contextSize - prompt.length);
  output.forEach((id, i) => {
    const position = prefix.length + i;
    if (!Number.isInteger(id) || id < 0 || id >= model.vocabularySize) {
      found.push({ code: 'TOKEN_OUTSIDE_VOCABULARY', position });
    } else if (i < output.length - 1 && model.isEnd(id)) {
      found.push({ code: 'TOKENS_AFTER_END', position });
    }
  });
  if (output.length > 0 && prefix.some((id) => model.isEnd(id))) {
    found.push({ code: 'TOKENS_AFTER_END', position: prefix.length });
  }
  if (finish === 'end' && (last === undefined || !model.isEnd(last))) {
    found.push({ code: 'END_MISSING', position: null });
  }
  if (finish === 'length' && total < room) {
    found.push({ code: 'LENGTH_NOT_REACHED', position: null });
  }
  if (total > room && output.length > 0) found.push({ code: 'LENGTH_EXCEEDED', position: null });
  return [...found, ...drawsThatDiffer(claim, model, opened)];
}

/** Replays the sampler over opened candidates. */
function drawsThatDiffer(
  { prefix, output, seed, sampling: { tq, pq } }: Claim,
  { topK, vocabularySize }: ModelFacts,
  opened: readonly OpenedPosition[],
): Contradiction[] {
  const sampler = createSampler(seed);
  return opened.flatMap(({ position, ids, z }): Contradiction[] => {
    const claimed = output[position - prefix.length];
    if (claimed === undefined) return [];
    const possible = ids.length === Math.min(topK, vocabularySize) && z.length === ids.length &&
      new Set(ids).size === ids.length && z.includes(0) &&
      z.every((value) => Number.isInteger(value) && value <= 0 && value >= -32_768) &&
      ids.every((id) => Number.isInteger(id) && id >= 0 && id < vocabularySize);
    if (!possible) return [{ code: 'CANDIDATES_IMPOSSIBLE', position }];
    const same = sampler.draw({ ids, z, position, tq, pq }) === claimed;
    return same ? [] : [{ code: 'DRAW_DIFFERS', position }];
  });
}
