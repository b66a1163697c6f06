import type { Engine, GenerateRequest, ScoredPosition } from '../engine/mod.ts';
import { b1Byte } from '../sampler/mod.ts';

/** An answer as its executor would hand it over. */
export interface Transcript {
  request: GenerateRequest;
  /** Output ids of this run, after the request's prefix. */
  output: number[];
  bytes: Uint8Array;
}

/** Has an answer made. */
export async function transcribe(
  engine: Engine,
  request: GenerateRequest,
  signal?: AbortSignal,
): Promise<Transcript> {
  const output: number[] = [], bytes: number[] = [];
  for await (const { id, logit } of engine.generate(request, signal)) {
    output.push(id);
    bytes.push(b1Byte(logit));
  }
  signal?.throwIfAborted();
  return { request, output, bytes: Uint8Array.from(bytes) };
}

/** Has a transcript read once more, by an engine that need not be its executor's. */
export async function rescore(
  engine: Engine,
  { request: { prompt, prefix }, output }: Transcript,
  profileId: Uint8Array,
  topK: number,
  signal?: AbortSignal,
): Promise<ScoredPosition[]> {
  const from = prefix.length, whole = [...prefix, ...output];
  const scored: ScoredPosition[] = [];
  const run = engine.score({ profileId, prompt, output: whole, from, topK }, signal);
  for await (const position of run) scored.push(position);
  signal?.throwIfAborted();
  return scored;
}
