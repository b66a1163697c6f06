import { Buffer } from 'node:buffer';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import type { ScoredPosition, ScoreRequest } from './types.ts';

/** `[position, id, logit, ids, logits]`; the lists are little-endian u32 and f32 in base64. */
export type WireScored = [number, number, number, string, string];

export interface WireScore extends Omit<ScoreRequest, 'profileId'> {
  profileId: string;
}

export function scoreToWire(request: ScoreRequest): WireScore {
  return {
    ...request,
    prompt: [...request.prompt],
    output: [...request.output],
    profileId: toHex(request.profileId),
  };
}

export function scoreFromWire(request: WireScore): ScoreRequest {
  return { ...request, profileId: fromHex(request.profileId, 32) };
}

/** Logits are floats of 32 bits: nothing is lost. */
export function scoredToWire({ position, id, logit, ids, logits }: ScoredPosition): WireScored {
  return [position, id, logit, base64(Uint32Array.from(ids)), base64(Float32Array.from(logits))];
}

export function scoredFromWire(wire: WireScored): ScoredPosition {
  const [position, id, logit, ids, logits] = wire;
  return {
    position,
    id,
    logit,
    ids: [...new Uint32Array(bytes(ids).buffer)],
    logits: [...new Float32Array(bytes(logits).buffer)],
  };
}

function base64(numbers: Uint32Array | Float32Array): string {
  return Buffer.from(numbers.buffer).toString('base64');
}

/** In a buffer of their own: those of small Buffers are shared and not aligned. */
function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
