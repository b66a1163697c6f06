import { asNexusError, equalBytes, toHex } from '../../feeds/base/mod.ts';
import type { LogRecord } from '../../feeds/records/mod.ts';
import type { Known, TrustEvent } from '../../feeds/trust/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import type { Network } from '../network/mod.ts';
import type { PlantedAnswers } from './answers.ts';
import type { CanaryBook, Draft } from './book.ts';
import { answerSeed, planCanary, planOf, promptOf, revealOf } from './plan.ts';
import { askAsSomebody, type Asked, type AskOptions } from './requester.ts';
import { begin, nextStep, plantingChance } from './steps.ts';

/** An answer of a planted job comes within this, or is not waited for, milliseconds. */
const ANSWER_MS = 300_000;

export interface PlanterOptions {
  /** This witness's identity key. */
  me: Uint8Array;
  network: Network;
  book: CanaryBook;
  answers: PlantedAnswers;
  engine: Pick<
    Engine,
    'tokenizeChat' | 'tokenizeText' | 'textStream' | 'generate'
  >;
  place: AskOptions['place'];
  /** A model that this node lends now, with its price; null where it lends none. */
  model: () => { loaded: LoadedModel; price: number } | null;
  /** Chance that a job of this node's executor is audited, 0 to 1. */
  rate: () => number;
  /** Appends to the attestations log; resolves with the index. */
  append: (record: LogRecord) => Promise<number>;
  /** Tells the owner that a job was planted. */
  onPlanted: (job: string, honest: boolean) => void;
  onError: (thrown: unknown) => void;
  /** Uniform in [0, 1). */
  random: () => number;
  randomBytes: (length: number) => Uint8Array;
  now: () => number;
}

/**
 * Plants jobs to test the auditors, one at a time: logs the plan, sends the job as somebody else to this
 * node's own executor, and opens the plan when its audit is over.
 */
export class Planter {
  readonly #options: PlanterOptions;
  readonly #me: string;
  readonly #stop = new AbortController();
  #draft: Draft | null;
  #asked: Asked | null = null;
  /** Jobs whose audits were drawn since the last look. */
  #audited = 0;
  #live = false;
  #work: Promise<void> | null = null;

  private constructor(options: PlanterOptions, draft: Draft | null) {
    this.#options = options;
    this.#me = toHex(options.me);
    this.#draft = draft;
  }

  /** Goes on with what was planted before. */
  static async open(options: PlanterOptions): Promise<Planter> {
    return new Planter(options, await options.book.load());
  }

  /** Takes what a cut holds and what follows from it; the same cut may come again after a restart. */
  take(epoch: number, known: readonly Known[], events: readonly TrustEvent[]): void {
    for (const event of events) if (event.type === 'subject' && event.audited) this.#audited++;
    const draft = this.#draft;
    if (draft === null) return;
    const { canary, progress } = draft, { network } = this.#options;
    const plan = planOf(canary, network.id, this.#options.me), job = toHex(canary.job);
    for (const { owner, record, place } of known) {
      if (owner !== this.#me || record.type !== 'canary' || !equalBytes(record.plan, plan)) {
        continue;
      }
      progress.commit = place.index;
      progress.planned ??= epoch;
    }
    for (const event of events) {
      switch (event.type) {
        case 'subject':
          if (event.subject.job !== job || event.subject.attempt !== 0) break;
          progress.subject = event.subject.id;
          // Nobody reads it: there is nothing to be shown.
          if (!event.audited) this.#draft = null;
          break;
        case 'closed':
          if (event.subject.id === progress.subject) progress.closed = epoch;
          break;
        case 'canary':
          if (event.subject === progress.subject && event.author === this.#me) this.#draft = null;
      }
    }
  }

  /** All known cuts are taken: time for the next step. */
  settled(epoch: number): void {
    // What was audited before this node was up is nothing to answer with a planted job.
    if (!this.#live) this.#audited = 0;
    this.#live = true;
    this.#work ??= this.#step(epoch)
      .catch((thrown) => {
        if (!this.#stop.signal.aborted) this.#options.onError(asNexusError(thrown));
      })
      .finally(() => this.#work = null);
  }

  /**
   * Ends its work. Who goes away for long could not open the plan in time: it is opened now, which
   * judges nobody.
   */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#work;
    await this.#leave();
    const draft = this.#draft;
    if (draft === null || draft.canary.instead === null) return;
    const { subject, closed, revealed } = draft.progress;
    if (subject === null || closed !== null || revealed) return;
    await this.#reveal(draft).catch((thrown) => this.#options.onError(asNexusError(thrown)));
  }

  async #step(epoch: number): Promise<void> {
    const { book, network: { file: { rules } } } = this.#options;
    const draft = this.#draft;
    if (draft === null || draft.progress.subject !== null) await this.#leave();
    if (draft === null) {
      await book.save(null);
      return await this.#plant(epoch);
    }
    await book.save(draft);
    switch (nextStep(draft, epoch, rules)) {
      case 'ask':
        return await this.#ask(draft, epoch);
      case 'reveal':
        return await this.#reveal(draft);
      case 'drop':
        this.#draft = null;
    }
  }

  async #plant(epoch: number): Promise<void> {
    const { network, engine, model, rate, random, randomBytes, append, book, now } = this.#options;
    const { rules: { canaryShare }, witnesses } = network.file;
    const audited = this.#audited, serving = model();
    this.#audited = 0;
    const chance = plantingChance(canaryShare / 10_000, audited, witnesses.length, rate());
    if (serving === null || random() >= chance) return;
    const canary = await planCanary({
      engine,
      network: network.id,
      model: serving.loaded,
      priceCap: Math.max(serving.price, network.file.rules.maxPrice),
      random,
      randomBytes,
    }, this.#stop.signal);
    if (canary === null) return;
    // On disk before the log has it: a plan that nobody can open would hold up this node's record.
    const draft: Draft = { canary, progress: begin(epoch) };
    await book.save(draft);
    this.#draft = draft;
    const plan = planOf(canary, network.id, this.#options.me);
    draft.progress.commit = await append({ type: 'canary', network: network.id, plan, at: now() });
  }

  async #ask(draft: Draft, epoch: number): Promise<void> {
    const { network, engine, model, answers, book, place, me, onPlanted } = this.#options;
    const { canary, progress } = draft, { instead, profile } = canary;
    const serving = model();
    if (serving === null || !equalBytes(serving.loaded.profileId, profile)) return;
    progress.asked = epoch;
    await book.save(draft);
    const seed = answerSeed(canary, network.id);
    if (instead !== null) answers.set(seed, await promptOf(engine, profile, instead));
    try {
      const { loaded: { class: kind, contextSize }, price } = serving;
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ANSWER_MS)]);
      const executor = { key: me, class: kind, price, contextSize };
      const home = book.requester;
      const options = { canary, network, home, place, engine, executor };
      this.#asked = await askAsSomebody(options, signal);
    } finally {
      answers.drop(seed);
    }
    onPlanted(toHex(canary.job), instead === null);
  }

  async #reveal(draft: Draft): Promise<void> {
    const { append, network, book } = this.#options;
    const { canary, progress } = draft;
    await append(revealOf(canary, network.id, progress.commit));
    progress.revealed = true;
    await book.save(draft);
  }

  async #leave(): Promise<void> {
    const asked = this.#asked;
    this.#asked = null;
    await asked?.[Symbol.asyncDispose]();
  }
}
