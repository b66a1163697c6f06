import type { Profile } from '../../../feeds/records/mod.ts';
import type { Backend, BatchPart, LayeredModel, ScoredLogits, Session } from '../backend.ts';
import { FAKE_VOCABULARY_SIZE, fakeVocabulary, FIRST_WORD } from './vocabulary.ts';

/** Logit of what is not among the candidates. */
const OTHERS = -20;

class FakeSession implements Session {
  /** Hash of all tokens up to and including each row. */
  readonly states: number[] = [];

  get position(): number {
    return this.states.length;
  }

  rewind(position: number): Promise<void> {
    this.states.length = Math.min(this.states.length, position);
    return Promise.resolve();
  }
}

/** A model whose logits are a hash of the profile's seed and of all tokens before. */
class FakeLayers implements LayeredModel {
  readonly layers = { from: 0, to: 1 };
  readonly sessionBytes = 1;
  readonly cores = 1;
  threads = { single: 1, batch: 1, pad: false };
  sessions: FakeSession[] = [new FakeSession()];
  readonly #salt: number;
  readonly #topK: number;
  readonly #beforeStep: (rows: number) => Promise<void>;

  constructor(profile: Profile, beforeStep: (rows: number) => Promise<void>) {
    this.#salt = profile.file.reduce((hash, byte) => mix(hash, byte), 0);
    this.#topK = profile.topK;
    this.#beforeStep = beforeStep;
  }

  grow(count: number): Promise<void> {
    for (let i = 0; i < count; i++) this.sessions.push(new FakeSession());
    return Promise.resolve();
  }

  shrink(): Promise<void> {
    this.sessions.length = 1;
    return Promise.resolve();
  }

  async step(parts: readonly BatchPart[]): Promise<ScoredLogits[][]> {
    await this.#beforeStep(parts.reduce((rows, { tokens }) => rows + tokens.length, 0));
    return parts.map(({ session, tokens, logits }) => {
      const { states } = session as FakeSession;
      const topK = typeof logits === 'object' ? logits.topK : this.#topK;
      const rows = tokens.map((token) => {
        states.push(mix(states.at(-1) ?? this.#salt, token));
        return this.#logits(states.at(-1)!, topK);
      });
      if (typeof logits === 'object') {
        return rows.slice(logits.first).map((top, i) => {
          const rank = top.ids.indexOf(logits.claimed[i]!);
          return { ...top, claimed: top.logits[rank] ?? OTHERS };
        });
      }
      return logits === 'all' ? rows : logits === 'last' ? rows.slice(-1) : [];
    });
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  #logits(state: number, topK: number): ScoredLogits {
    const ids: number[] = [];
    // One row in about forty prefers to end.
    if (state % 40 === 0) ids.push(0);
    for (let i = 0; ids.length < topK; i++) {
      const id = FIRST_WORD + mix(state, i) % (FAKE_VOCABULARY_SIZE - FIRST_WORD);
      if (!ids.includes(id)) ids.push(id);
      if (i > 16 * topK) break;
    }
    return { ids, logits: ids.map((_, rank) => 10 - 0.25 * rank) };
  }
}

function mix(a: number, b: number): number {
  let x = Math.imul(a ^ b ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13) ^ b, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** @param beforeStep awaited before each batch: where a simulation lets time pass, or fail */
export function createFakeBackend(beforeStep: (rows: number) => Promise<void>): Backend {
  return {
    info: () =>
      Promise.resolve({
        backend: 'fake',
        device: 'none',
        build: 'fake 1',
        memory: { total: 2 ** 30, free: 2 ** 30 },
      }),
    facts: () => Promise.resolve({ build: 'fake 1', kernels: 'none' }),
    freeMemory: () => Promise.resolve(2 ** 30),
    vocabulary: () =>
      Promise.resolve({ ...fakeVocabulary, [Symbol.asyncDispose]: () => Promise.resolve() }),
    model: (profile) =>
      Promise.resolve({ vocabulary: fakeVocabulary, model: new FakeLayers(profile, beforeStep) }),
  };
}
