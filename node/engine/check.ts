import { NexusError } from '../../feeds/base/mod.ts';
import type { GenerateRequest, ScoreRequest } from './types.ts';

/** Bounds of what a caller may ask for. */
export const REQUEST_LIMITS = { stops: 16, stopLength: 256, textLength: 4 * 1024 * 1024 } as const;

/**
 * Checks a request against a model.
 * @throws {NexusError} `BAD_REQUEST`, `BAD_TOKEN`, `PROMPT_EMPTY` or `PROMPT_TOO_LONG`
 */
export function checkRequest(
  request: GenerateRequest,
  model: { contextSize: number; vocabularySize: number },
): void {
  const { prompt, prefix, sampling, seed, stops } = request;
  if (seed.length !== 32) throw bad(`a seed has 32 bytes, this one ${seed.length}`);
  checkCount('tq', sampling.tq);
  checkCount('pq', sampling.pq);
  checkCount('maxTokens', sampling.maxTokens);
  if (sampling.pq > 65536) throw bad(`pq is at most 65536, not ${sampling.pq}`);
  if (stops.length > REQUEST_LIMITS.stops) {
    throw bad(`at most ${REQUEST_LIMITS.stops} stop strings, not ${stops.length}`);
  }
  for (const stop of stops) {
    if (typeof stop !== 'string' || stop.length === 0 || stop.length > REQUEST_LIMITS.stopLength) {
      throw bad(`a stop string has 1 to ${REQUEST_LIMITS.stopLength} characters`);
    }
  }
  if (prompt.length === 0) throw empty();
  if (prompt.length >= model.contextSize) throw tooLong(prompt.length, model.contextSize);
  checkIds(prompt, model.vocabularySize);
  checkIds(prefix, model.vocabularySize);
}

/** Candidates that a scoring may ask for, a position. */
const MAX_SCORED = 64;

/**
 * Checks a transcript against a model: it comes from a peer.
 * @throws {NexusError} `BAD_REQUEST`, `BAD_TOKEN`, `PROMPT_EMPTY` or `TRANSCRIPT_TOO_LONG`
 */
export function checkScore(
  { prompt, output, from, topK }: ScoreRequest,
  model: { contextSize: number; vocabularySize: number },
): void {
  checkCount('from', from);
  checkCount('topK', topK);
  if (topK < 1 || topK > MAX_SCORED) throw bad(`topK is from 1 to ${MAX_SCORED}, not ${topK}`);
  if (from > output.length) throw bad(`from is ${from}, but there are ${output.length} outputs`);
  if (prompt.length === 0) throw empty();
  const length = prompt.length + output.length;
  if (length > model.contextSize) {
    throw new NexusError(
      'TRANSCRIPT_TOO_LONG',
      `prompt and answer have ${length} tokens, the context ${model.contextSize}`,
      { hint: 'no executor of this profile can have made it: refuse it', stage: 'score' },
    );
  }
  checkIds(prompt, model.vocabularySize);
  checkIds(output, model.vocabularySize);
}

function empty(): NexusError {
  return new NexusError('PROMPT_EMPTY', 'the prompt has no tokens', {
    hint: 'apply the chat template first; it gives tokens even for an empty message',
    stage: 'offer',
  });
}

function tooLong(tokens: number, contextSize: number): NexusError {
  return new NexusError(
    'PROMPT_TOO_LONG',
    `the prompt has ${tokens} tokens; the context of ${contextSize} has room for ${
      contextSize - 1
    } and one token of answer`,
    {
      hint: `shorten it by at least ${tokens - contextSize + 1} tokens or choose a larger context`,
      stage: 'offer',
    },
  );
}

/** @throws {NexusError} `BAD_TOKEN` */
export function checkIds(ids: readonly number[], vocabularySize: number): void {
  for (const id of ids) {
    if (Number.isInteger(id) && id >= 0 && id < vocabularySize) continue;
    throw new NexusError(
      'BAD_TOKEN',
      `${String(id)} is not a token id: the vocabulary has ${vocabularySize}`,
      { hint: 'tokenise with the profile that the request names', stage: 'offer' },
    );
  }
}

function checkCount(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0) return;
  throw bad(`${name} is a whole number of at least 0, not ${String(value)}`);
}

function bad(message: string): NexusError {
  return new NexusError('BAD_REQUEST', message, { stage: 'offer' });
}
