import { statSync } from 'node:fs';
import { taggedHash } from '../../feeds/base/mod.ts';
import { type Profile, profileId } from '../../feeds/records/mod.ts';
import type {
  Engine,
  GeneratedToken,
  GenerateEnd,
  GenerateRequest,
  LoadedModel,
  ProcessEngine,
} from '../../node/engine/mod.ts';

/** What an executor does otherwise than it says. */
export interface Lie {
  /** Decodes with another seed than the requester's. */
  wrongSeed?: boolean;
  /** Decodes with this temperature, whatever was asked for. */
  temperature?: number;
  /** Gives another token at this position of the answer, and goes on from there. */
  editToken?: number;
  /** Ends the answer after so many tokens, as if the model had. */
  truncate?: number;
  /** Puts a text in front of every prompt. */
  system?: string;
  /** Decodes with the other weights. */
  weights?: boolean;
  /** Never gives an auditor the key of an answer. */
  withhold?: boolean;
  /** Share of the jobs in which it lies; all if absent. */
  rate?: number;
  /** Honest jobs before the first lie. */
  after?: number;
}

type Generation = AsyncGenerator<GeneratedToken, GenerateEnd, void>;

/** An engine that does as it is told by `lie` at each job, and is honest in all else. */
export class Liar {
  lie: Lie | null = null;
  readonly #engine: ProcessEngine;
  /** File of the other weights. */
  readonly #other: string | null;
  readonly #models = new Map<string, { loaded: LoadedModel; other: Uint8Array | null }>();
  #jobs = 0;

  constructor(engine: ProcessEngine, other: string | null) {
    this.#engine = engine;
    this.#other = other;
  }

  /** The engine that a node is given. */
  get engine(): ProcessEngine {
    const changed: Partial<Engine> = {
      load: (...args) => this.#load(...args),
      generate: (request, signal) => this.#generate(request, signal),
    };
    return new Proxy(this.#engine, {
      get(target, name) {
        const own = changed[name as keyof Engine] ?? target[name as keyof ProcessEngine];
        return typeof own === 'function' ? own.bind(target) : own;
      },
    });
  }

  async #load(...[profile, files, options]: Parameters<Engine['load']>): Promise<LoadedModel> {
    const loaded = await this.#engine.load(profile, files, options);
    let other: Uint8Array | null = null;
    if (this.#other !== null && options.weights) {
      // The engine keeps models apart by their profiles.
      const file = taggedHash('other weights', profile.file);
      const changed: Profile = { ...profile, file, size: statSync(this.#other).size };
      await this.#engine.load(changed, { ...files, weights: this.#other }, options);
      other = profileId(changed);
    }
    this.#models.set(loaded.profileId.join(), { loaded, other });
    return loaded;
  }

  async *#generate(request: GenerateRequest, signal?: AbortSignal): Generation {
    const { lie } = this;
    const honest = lie === null || this.#jobs++ < (lie.after ?? 0) ||
      Math.random() >= (lie.rate ?? 1);
    if (honest) return yield* this.#engine.generate(request, signal);
    return yield* this.#lied(await this.#asked(request, lie), lie, signal);
  }

  /** What it runs instead of what was asked for. */
  async #asked(request: GenerateRequest, lie: Lie): Promise<GenerateRequest> {
    const { profileId, sampling, seed, prompt } = request;
    const before = lie.system === undefined
      ? []
      : await this.#engine.tokenizeText(profileId, lie.system);
    const { temperature } = lie;
    return {
      ...request,
      profileId: (lie.weights && this.#models.get(profileId.join())?.other) || profileId,
      seed: lie.wrongSeed ? taggedHash('wrong seed', seed) : seed,
      sampling: temperature === undefined
        ? sampling
        : { ...sampling, tq: Math.round(temperature * 1024) },
      prompt: [...before, ...prompt],
    };
  }

  async *#lied(request: GenerateRequest, lie: Lie, signal?: AbortSignal): Generation {
    const made = [...request.prefix];
    const run = this.#engine.generate(request, signal);
    const model = this.#models.get(request.profileId.join())?.loaded;
    for (;;) {
      const { done, value } = await run.next();
      if (done) return value;
      const { position } = value;
      made.push(value.id);
      if (position === lie.truncate) {
        await run.return(undefined as never);
        yield { ...value, id: model!.endTokens.at(-1)!, text: '' };
        return { finish: 'end', text: '', cached: 0, promptMs: 0, totalMs: 0 };
      }
      if (position !== lie.editToken) {
        yield value;
        continue;
      }
      await run.return(undefined as never);
      const id = 3 + (value.id + 1) % (model!.vocabularySize - 3);
      made[position] = id;
      yield { ...value, id };
      return yield* this.#engine.generate({ ...request, prefix: made }, signal);
    }
  }
}
