import type { Feeds } from '../../feeds/client/mod.ts';
import type { Payloads } from '../auditor/mod.ts';
import type { Network } from '../network/mod.ts';
import {
  fetchPayload,
  type Kept,
  openPayload,
  PAYLOAD_STORE_LIMITS,
  PayloadStore,
  servePayloads,
} from '../payloads/mod.ts';

/** A cut may take longer than an epoch: what is kept is kept for twice the challenge window. */
const SLOW = 2;

/** What a node keeps of answers that it gave or got, for those who are drawn to audit them. */
export class Transcripts implements Payloads {
  readonly #store: PayloadStore | null;
  readonly #feeds: Promise<Feeds>;
  /** What could not be kept. */
  onError: (thrown: unknown) => void = () => {};

  private constructor(store: PayloadStore | null, feeds: Promise<Feeds>) {
    this.#store = store;
    this.#feeds = feeds;
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
    return new Transcripts(store, feeds);
  }

  /** Beside the answer. */
  keep(kept: Kept): void {
    this.#store?.keep(kept).catch((thrown) => this.onError(thrown));
  }

  keyOf(job: string, attempt: number): Uint8Array | null {
    return this.#store?.keyOf(job, attempt) ?? null;
  }

  /** Hands transcripts out to auditors. */
  serve(
    feeds: Feeds,
    entitled: (peer: Uint8Array, job: Uint8Array, attempt: number) => boolean,
  ): void {
    if (this.#store !== null) servePayloads(feeds, { store: this.#store, entitled });
  }

  async fetch(...[from, of, vocabulary, signal]: Parameters<Payloads['fetch']>) {
    const { job, attempt } = of;
    const feeds = await this.#feeds;
    const sealed = await fetchPayload(feeds, from, { job, attempt, signal });
    return openPayload(sealed, of, vocabulary);
  }

  /** Resolves when nothing is being written. */
  async flushed(): Promise<void> {
    await this.#store?.flushed();
  }
}
