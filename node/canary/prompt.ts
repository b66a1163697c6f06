import { OPENINGS } from '../calibration/mod.ts';
import type { Engine } from '../engine/mod.ts';

/** Tokens that the model goes on with, and characters that are kept of them, at most. */
const LEAST_TOKENS = 8, MOST_TOKENS = 40, MOST_CHARACTERS = 400;

/**
 * A prompt as a user may write it: what the model itself makes of the beginning of a sentence. No
 * list of prompts gives it away.
 * @param random uniform in [0, 1)
 * @param seed 32 bytes
 */
export async function writePrompt(
  engine: Pick<Engine, 'tokenizeText' | 'generate'>,
  profileId: Uint8Array,
  random: () => number,
  seed: Uint8Array,
  signal: AbortSignal,
): Promise<string> {
  const words = OPENINGS[Math.floor(random() * OPENINGS.length)]!.split(' ');
  const begun = words.slice(0, 1 + Math.floor(random() * words.length)).join(' ');
  const maxTokens = LEAST_TOKENS + Math.floor(random() * (MOST_TOKENS - LEAST_TOKENS));
  const run = engine.generate({
    profileId,
    prompt: await engine.tokenizeText(profileId, begun),
    prefix: [],
    seed,
    sampling: { tq: 1024, pq: 65_536, maxTokens },
    stops: [],
  }, signal);
  let text = '';
  for (;;) {
    const { done, value } = await run.next();
    text += value.text;
    if (done) break;
  }
  const plain = text.replace(/\s+/g, ' ').trim().slice(0, MOST_CHARACTERS);
  return plain === '' ? begun : plain;
}
