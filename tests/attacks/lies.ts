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
import { mixed, type Mixture } from './mixture.ts';

/** What a node does otherwise than it says. */
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
  /** The other weights write; the right model only reads, and gives every token its byte. */
  prefill?: boolean;
  /** The same, but what is not among the right model's three likeliest tokens is drawn anew. */
  drafterTop3?: boolean;
  /** Share of the tokens that the other weights write; all others are as they should be. */
  boundary?: number;
  /**
   * What of the artifact is made up: its `bytes`; its `root`; the root in the `log` alone, so that
   * the requester is told another one; or the `payload` that auditors are given.
   */
  forge?: 'bytes' | 'root' | 'log' | 'payload';
  /** Claims so many times what it measured of itself. */
  claim?: number;
  /** As a challenger it says that it measured so many times what it did. */
  measured?: number;
  /** Logs, as the proof of its sampling, points that show nothing, or the proof of the answer before. */
  proof?: 'forged' | 'replayed';
  /** Logs the artifact of the job before in place of this one's. */
  replay?: boolean;
  /** Never gives an auditor the key of an answer. */
  withhold?: boolean;
  /**
   * As an auditor: says always ok, or always fraud; takes another's commitment for its own; never
   * reveals.
   */
  audits?: 'ok' | 'fraud' | 'copy' | 'silent';
  /** As an auditor: clears this executor, and tells the truth of all others. */
  friend?: string;
  /** Logs so many entries of one byte, thousands at a time. */
  flood?: number;
  /** Share of the jobs in which it lies; all if absent. */
  rate?: number;
  /** Honest jobs before the first lie. */
  after?: number;
}

type Generation = AsyncGenerator<GeneratedToken, GenerateEnd, void>;

interface Loaded {
  loaded: LoadedModel;
  topK: number;
  /** Profile under which the engine has the other weights. */
  other: Uint8Array | null;
}

/** An engine that does as it is told by `lie` at each job, and is honest in all else. */
export class Liar {
  /** From the next job on. */
  lie: Lie | null = null;
  /** Of the newest job. */
  told: Lie | null = null;
  readonly #engine: ProcessEngine;
  /** File of the other weights. */
  readonly #other: string | null;
  readonly #models = new Map<string, Loaded>();
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

  /** Counts the jobs anew. */
  obey(lie: Lie | null): void {
    this.lie = lie;
    this.#jobs = 0;
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
    this.#models.set(loaded.profileId.join(), { loaded, topK: profile.topK, other });
    return loaded;
  }

  async *#generate(request: GenerateRequest, signal?: AbortSignal): Generation {
    const { lie } = this;
    const honest = lie === null || this.#jobs++ < (lie.after ?? 0) ||
      Math.random() >= (lie.rate ?? 1);
    this.told = honest ? null : lie;
    if (honest) return yield* this.#engine.generate(request, signal);
    const model = this.#models.get(request.profileId.join())!;
    const asked = await this.#asked(request, lie, model);
    const run = mixtureOf(lie) === null
      ? this.#engine.generate(asked, signal)
      : mixed(asked, { engine: this.#engine, ...demandOther(model) }, mixtureOf(lie)!, signal);
    const tokens = lie.editToken === undefined
      ? lie.truncate === undefined ? run : truncated(run, lie.truncate, model.loaded)
      : this.#edited(run, asked, lie.editToken, model.loaded, signal);
    return yield* lie.forge === 'bytes' ? madeUp(tokens) : tokens;
  }

  /** What it runs instead of what was asked for. */
  async #asked(request: GenerateRequest, lie: Lie, model: Loaded): Promise<GenerateRequest> {
    const { profileId, sampling, seed, prompt } = request;
    const before = lie.system === undefined
      ? []
      : await this.#engine.tokenizeText(profileId, lie.system);
    const { temperature } = lie;
    return {
      ...request,
      profileId: lie.weights ? demandOther(model).other : profileId,
      seed: lie.wrongSeed ? taggedHash('wrong seed', seed) : seed,
      sampling: temperature === undefined
        ? sampling
        : { ...sampling, tq: Math.round(temperature * 1024) },
      prompt: [...before, ...prompt],
    };
  }

  async *#edited(
    run: Generation,
    request: GenerateRequest,
    at: number,
    { vocabularySize }: LoadedModel,
    signal?: AbortSignal,
  ): Generation {
    const made = [...request.prefix];
    for (;;) {
      const { done, value } = await run.next();
      if (done) return value;
      made.push(value.id);
      if (value.position !== at) {
        yield value;
        continue;
      }
      await run.return(undefined as never);
      const id = 3 + (value.id + 1) % (vocabularySize - 3);
      made[at] = id;
      yield { ...value, id };
      return yield* this.#engine.generate({ ...request, prefix: made }, signal);
    }
  }
}

async function* truncated(run: Generation, at: number, { endTokens }: LoadedModel): Generation {
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
    if (value.position !== at) {
      yield value;
      continue;
    }
    await run.return(undefined as never);
    yield { ...value, id: endTokens.at(-1)!, text: '' };
    return { finish: 'end', text: '', cached: 0, promptMs: 0, totalMs: 0 };
  }
}

async function* madeUp(run: Generation): Generation {
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
    yield { ...value, logit: 16 * Math.random() };
  }
}

function mixtureOf({ prefill, drafterTop3, boundary }: Lie): Mixture | null {
  if (prefill) return { real: () => 0, draft: 16, takes: () => true };
  if (drafterTop3) {
    return { real: () => 0, draft: 8, takes: ({ id, ids }) => ids.slice(0, 3).includes(id) };
  }
  if (boundary === undefined) return null;
  const gap = () => Math.floor(Math.log(1 - Math.random()) / Math.log(1 - boundary));
  return { real: gap, draft: 1, takes: () => true };
}

function demandOther({ other, ...model }: Loaded): Loaded & { other: Uint8Array } {
  if (other === null) throw new Error('this lie needs --other, a file of other weights');
  return { ...model, other };
}
