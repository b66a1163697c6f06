import {
  EnergyMeter,
  findSource,
  type Found,
  type JobEnergy,
  type JobMeter,
} from '../../fingerprint/energy/mod.ts';
import type { EnergyAnswer, EnergySourceRow, TokenEnergyRow } from '../control/mod.ts';
import { EnergyJournal, perToken, sumBy } from '../energy/mod.ts';
import type { Engine } from '../engine/mod.ts';
import { systemClock, type TokenCosts } from '../job/mod.ts';
import { coefficientsOf } from '../network/mod.ts';
import type { ServingModels } from './serving.ts';

/** What the energy of a node's jobs follows from. */
export interface EnergyParts {
  engine: Pick<Engine, 'info'>;
  serving: Pick<ServingModels, 'all'>;
  /** Coefficients of a profile in this network; null where it has none: the usual method's then. */
  costsOf: (profile: Uint8Array) => TokenCosts | null;
  path: string;
  /** Path of the Node binary; found on the PATH if left out. */
  nodeBinary: string | undefined;
  /** When the node began, milliseconds since 1970. */
  session: number;
  /** Another way to look for a source. */
  find?: typeof findSource;
}

/** A job that is over, with what it took. */
export interface Worked {
  job: string;
  attempt: number;
  own: boolean;
  profile: string;
  promptTokens: number;
  tokens: number;
  energy: JobEnergy;
}

/** Jobs of a profile whose mean is told as its energy a token. */
const RECENT = 64;
/** After so many jobs on end whose energy could not be read, the source is looked for again. */
const MOST_UNREAD = 3;

/** Counts the energy of what this node decodes, beside it, and keeps it. */
export class NodeEnergy implements AsyncDisposable {
  readonly #parts: EnergyParts;
  readonly #journal: Promise<EnergyJournal>;
  #found: Promise<Found> | null = null;
  #known: Found | null = null;
  #meter: EnergyMeter | null = null;
  #unread = 0;
  #left: Promise<unknown> = Promise.resolve();
  #rows: EnergyJournal['rows'] = [];
  #kept: Promise<unknown> = Promise.resolve();

  constructor(parts: EnergyParts) {
    this.#parts = parts;
    this.#journal = EnergyJournal.open(parts.path);
    this.#journal.then((journal) => this.#rows = journal.rows, () => {});
  }

  /** Looks for a source, so that the first job finds one. */
  warm(): void {
    this.#meter ??= new EnergyMeter(this.#find().then(({ source }) => source), systemClock);
  }

  /** Follows a job that begins its work now. */
  begin(profile: string): JobMeter {
    this.warm();
    const meter = this.#meter!, job = meter.begin(profile);
    return {
      token: () => job.token(),
      end: async (promptTokens) => {
        const energy = await job.end(promptTokens);
        if (meter === this.#meter && this.#known !== null) {
          this.#unread = energy === null ? this.#unread + 1 : 0;
          if (this.#unread >= MOST_UNREAD) this.#renew();
        }
        return energy;
      },
    };
  }

  /** Keeps what a job took; resolves when it is written. */
  keep(worked: Worked): Promise<void> {
    const kept = this.#keep(worked);
    this.#kept = Promise.allSettled([this.#kept, kept]);
    return kept;
  }

  async #keep(worked: Worked): Promise<void> {
    const { costsOf, serving, session } = this.#parts;
    const { job, attempt, own, profile, promptTokens, tokens, energy } = worked;
    const served = serving.all.find(({ model }) => model.id === profile);
    const costs = served &&
      (costsOf(served.loaded.profileId) ?? coefficientsOf(served.model.entry));
    const journal = await this.#journal;
    const kept = journal.add({
      job,
      attempt,
      own,
      profile,
      promptTokens,
      tokens,
      at: Date.now(),
      session,
      jobs: 1,
      model: served?.model.entry.name ?? profile.slice(0, 8),
      source: energy.source,
      error: energy.error,
      evaluated: energy.promptTokens,
      decoded: energy.outputTokens,
      prompt: energy.prompt,
      output: energy.output,
      ncu: costs === undefined ? null : promptTokens * costs.prompt + tokens * costs.output,
    });
    this.#rows = journal.rows;
    await kept;
  }

  /** What a token of a profile takes here, over the newest jobs; null before the first. */
  perToken(profile: string): TokenEnergyRow | null {
    const rows = this.#rows.filter((row) => row.profile === profile);
    const source = rows.at(-1)?.source;
    const [sum] = sumBy(rows.filter((row) => row.source === source).slice(-RECENT), () => '');
    return sum === undefined ? null : { source: sum.source, error: sum.error, ...perToken(sum) };
  }

  async answer(since: number): Promise<EnergyAnswer> {
    const { rows } = await this.#journal;
    const { session } = this.#parts;
    return { session, source: this.source, rows: rows.filter(({ at }) => at >= since) };
  }

  /** What counts, once it was looked for. */
  get source(): EnergySourceRow | null {
    if (this.#known === null) return null;
    const { source: { info: { name, detail, error } }, absent } = this.#known;
    return { name, detail, error, absent };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept;
    this.#renew();
    await this.#left;
  }

  #find(): Promise<Found> {
    if (this.#found === null) {
      const found = this.#found = this.#look();
      found.then((known) => {
        if (this.#found === found) this.#known = known;
      }, () => {
        if (this.#found === found) this.#renew();
      });
    }
    return this.#found;
  }

  /** Leaves the source to the jobs that it follows: the next one looks for another. */
  #renew(): void {
    const left = this.#found;
    this.#found = this.#known = this.#meter = null;
    this.#unread = 0;
    if (left === null) return;
    const dispose = async () => (await left).source[Symbol.asyncDispose]();
    this.#left = Promise.allSettled([this.#left, dispose()]);
  }

  async #look(): Promise<Found> {
    const { engine, serving, nodeBinary } = this.#parts;
    const { backend, device } = await engine.info();
    const threads = () => Math.max(1, ...serving.all.map(({ loaded }) => loaded.threads));
    const find = this.#parts.find ?? findSource;
    return await find({ backend, device, threads, node: nodeBinary ?? 'node' });
  }
}
