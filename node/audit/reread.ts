import type { FinishReason, Sampling } from '../../feeds/records/mod.ts';
import type { Engine, LoadedModel, ScoredPosition } from '../engine/mod.ts';
import { type Contradiction, contradictions, type OpenedPosition } from './contradiction.ts';
import { LOOKUP } from './margins.ts';
import { type Observation, observer } from './observe.ts';
import type { Payload } from './payload.ts';

/** An attempt whose commitments hold, as its executor signed it. */
export interface Answered {
  payload: Payload;
  /** 32 bytes: seed of the draw. */
  seed: Uint8Array;
  sampling: Sampling;
  /** `error` where the executor died before it could say. */
  finish: FinishReason;
}

/** With what it is read once more. */
export interface Rereader {
  engine: Pick<Engine, 'score'>;
  /** Loaded here, with its weights. */
  model: LoadedModel;
  /** Candidates a position: the profile's. */
  topK: number;
}

/**
 * Reads an attempt once more, position by position in order; `scored.position` counts in the whole
 * answer.
 * @throws what the engine says, and the signal's reason
 */
export async function* reread(
  { payload: { prompt, prefix, output, bytes }, seed, sampling: { tq, pq } }: Answered,
  { engine, model, topK }: Rereader,
  signal: AbortSignal,
): AsyncGenerator<{ scored: ScoredPosition; observation: Observation }, void, void> {
  if (output.length === 0) return;
  const look = observer({ seed, tq, pq, topK });
  const from = prefix.length;
  const request = {
    profileId: model.profileId,
    prompt,
    output: [...prefix, ...output],
    from,
    topK: LOOKUP,
  };
  for await (const scored of engine.score(request, signal)) {
    yield { scored, observation: look(scored, bytes[scored.position - from]!) };
  }
  signal.throwIfAborted();
}

/** What its executor signed against itself: found without the model's weights. */
export function contradictionsOf(
  { payload: { prompt, prefix, output }, seed, sampling, finish }: Answered,
  { model, topK }: Pick<Rereader, 'model' | 'topK'>,
  opened: readonly OpenedPosition[] = [],
): Contradiction[] {
  const ends = new Set(model.endTokens);
  return contradictions(
    { prompt, prefix, output, finish, sampling, seed },
    { ...model, topK, isEnd: (id) => ends.has(id) },
    opened,
  );
}
