import type { ChatMessage, Engine, LoadedModel } from '../engine/mod.ts';
import { OPENINGS } from '../calibration/mod.ts';

/** Tokens that the model writes for one challenge's prompts, at most, and so long, milliseconds. */
const POOL_TOKENS = 384, POOL_MS = 8_000;
/** What a user asks of a text; whoever is asked so writes for long. */
const WISHES = [
  'Go on with this story at length:',
  'Please continue:',
  'Write a long continuation of this:',
  'What happens next? Tell me in detail.',
  'Finish the following text, with dialogue:',
  'Rewrite this as a longer letter:',
];

export interface PromptDeps {
  engine: Pick<Engine, 'tokenizeText' | 'generate'>;
  model: LoadedModel;
  randomBytes: (length: number) => Uint8Array;
}

/**
 * Prompts of wished lengths, as users may write them: what the model itself makes of the beginning of a
 * sentence, cut and put together anew for each. No list of prompts gives them away.
 */
export class PromptPool {
  readonly #words: readonly string[];
  /** Tokens a word, on the average. */
  readonly #each: number;

  private constructor(words: readonly string[], each: number) {
    this.#words = words;
    this.#each = Math.max(0.5, each);
  }

  /** @throws what the engine says, and the signal's reason */
  static async write(deps: PromptDeps, signal: AbortSignal): Promise<PromptPool> {
    const { engine, model: { profileId }, randomBytes } = deps;
    const pick = randomBytes(1)[0]! % OPENINGS.length;
    const begun = `${OPENINGS[pick]!} `;
    const stop = AbortSignal.any([signal, AbortSignal.timeout(POOL_MS)]);
    const run = engine.generate({
      profileId,
      prompt: await engine.tokenizeText(profileId, begun),
      prefix: [],
      seed: randomBytes(32),
      sampling: { tq: 1024, pq: 65_536, maxTokens: POOL_TOKENS },
      stops: [],
    }, stop);
    let text = begun;
    for (;;) {
      const { done, value } = await run.next();
      text += value.text;
      if (done) break;
    }
    signal.throwIfAborted();
    // A model that has said little leaves the sentences that anybody knows.
    const words = [text, ...OPENINGS].join(' ').split(/\s+/).filter((word) => word !== '');
    const tokens = (await engine.tokenizeText(profileId, words.join(' '))).length;
    return new PromptPool(words, tokens / words.length);
  }

  /**
   * The messages of one job; the same bytes give the same ones.
   * @param nonce 32 bytes
   * @param tokens of the prompt, roughly
   */
  messages(nonce: Uint8Array, tokens: number): ChatMessage[] {
    const draw = draws(nonce);
    const wish = WISHES[draw(WISHES.length)]!;
    const words: string[] = [];
    const count = Math.max(3, Math.round(tokens / this.#each) - wish.split(' ').length);
    while (words.length < count) {
      // Some sentence of its own each: nothing that was read before helps.
      const from = draw(this.#words.length), length = 4 + draw(12);
      words.push(...this.#words.slice(from, from + length));
    }
    const text = words.slice(0, count).join(' ');
    return [{ role: 'user', content: draw(2) === 0 ? `${wish} ${text}` : `${text}\n${wish}` }];
  }
}

/** Whole numbers from a nonce: xorshift is enough, since nobody has to be kept from guessing. */
function draws(nonce: Uint8Array): (below: number) => number {
  let state = 0x9e37_79b9;
  for (const byte of nonce) state = Math.imul(state ^ byte, 0x0100_0193) >>> 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ state << 5) >>> 0;
    if (state === 0) state = 0x9e37_79b9;
    return state % below;
  };
}
