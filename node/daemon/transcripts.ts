import type { Feeds } from '../../feeds/client/mod.ts';
import type { Salted } from '../../feeds/records/mod.ts';
import type { Payloads } from '../auditor/mod.ts';
import type { TopkBuilder } from '../job/mod.ts';
import type { Network } from '../network/mod.ts';
import {
  exhibitsIn,
  fetchPayload,
  keepExhibit,
  type Kept,
  openPayload,
  PAYLOAD_STORE_LIMITS,
  PayloadStore,
  type ServeOptions,
  servePayloads,
  type Shown,
  unsealOpenings,
  unsealShown,
} from '../payloads/mod.ts';
import type { KeptAttempts } from '../prover/mod.ts';
import { TopkThread } from './topk.ts';

/** A cut may take longer than an epoch: what is kept is kept for twice the challenge window. */
const SLOW = 2;
/** What is too old goes within this, also on a node that has nothing to do. */
const SWEEP_MS = 600_000;

/** What a node keeps of answers that it gave or got, for those who are drawn to audit them. */
export class Transcripts implements Payloads {
  readonly #folder: string;
  readonly #store: PayloadStore | null;
  readonly #feeds: Promise<Feeds>;
  readonly #thread = new TopkThread();
  readonly #timer: ReturnType<typeof setInterval>;
  /** What could not be kept. */
  onError: (thrown: unknown) => void = () => {};

  private constructor(folder: string, store: PayloadStore | null, feeds: Promise<Feeds>) {
    this.#folder = folder;
    this.#store = store;
    this.#feeds = feeds;
    this.#timer = setInterval(() => {
      store?.sweep().catch((thrown) => this.onError(thrown));
    }, SWEEP_MS);
    Deno.unrefTimer(Number(this.#timer));
  }

  /** Nothing is kept where nobody audits. */
  static async open(
    folder: string,
    { file: { rules, witnesses } }: Network,
    feeds: Promise<Feeds>,
  ): Promise<Transcripts> {
    const ageMs = SLOW * rules.challengeCuts * rules.epochMs;
    const limits = { ...PAYLOAD_STORE_LIMITS, ageMs };
    const store = witnesses.length === 0
      ? null
      : await PayloadStore.open({ folder, limits, now: Date.now });
    return new Transcripts(folder, store, feeds);
  }

  /** Beside the answer. */
  keep(kept: Kept): void {
    this.#store?.keep(kept).catch((thrown) => this.onError(thrown));
  }

  /** Commits to what an attempt's tokens are drawn from; null where nobody will ask for it. */
  topk(of: Salted, resumeAt: number): TopkBuilder | null {
    return this.#store === null ? null : this.#thread.open(of, resumeAt);
  }

  /** For a node that lends: its first artifact is as fast as the others. */
  warm(): void {
    if (this.#store !== null) this.#thread.warm();
  }

  keyOf(job: string, attempt: number): Uint8Array | null {
    return this.#store?.keyOf(job, attempt) ?? null;
  }

  /** What is kept here; null where nobody audits. */
  get kept(): KeptAttempts | null {
    return this.#store;
  }

  /** Hands transcripts out to auditors, and what proofs show to whom they are about. */
  serve(feeds: Feeds, entitled: ServeOptions['entitled']): void {
    if (this.#store !== null) servePayloads(feeds, { store: this.#store, entitled });
  }

  async fetch(...[from, of, vocabulary, signal]: Parameters<Payloads['fetch']>) {
    const { job, attempt } = of;
    const feeds = await this.#feeds;
    const sealed = await fetchPayload(feeds, from, { job, attempt, signal });
    return openPayload(sealed, of, vocabulary);
  }

  async openings(...[from, of, claim, positions, signal]: Parameters<Payloads['openings']>) {
    const { job, attempt } = of;
    const feeds = await this.#feeds;
    const sealed = await fetchPayload(feeds, from, { job, attempt, positions, signal });
    return await this.#thread.check(unsealOpenings(sealed, of), claim, of);
  }

  /** What an executor shows of its proof; that is checked with the proof. */
  async shown(
    from: Uint8Array,
    of: Salted,
    positions: readonly number[],
    signal: AbortSignal,
  ): Promise<Shown[]> {
    const { job, attempt } = of;
    const own = this.#store === null ? null : await this.#store.shown(job, attempt, positions);
    if (own !== null) return unsealShown(own, of);
    const feeds = await this.#feeds;
    const options = { job, attempt, positions, shown: true, signal };
    return unsealShown(await fetchPayload(feeds, from, options), of);
  }

  async exhibit(...[of, disclosed, openings]: Parameters<NonNullable<Payloads['exhibit']>>) {
    await keepExhibit(exhibitsIn(this.#folder), of, disclosed, openings);
  }

  /** Ends when nothing is being written. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#thread[Symbol.dispose]();
    await this.#store?.flushed();
  }
}
