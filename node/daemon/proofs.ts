import { asNexusError, fromHex } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { type ProofRecord, TOP_P_OFF } from '../../feeds/records/mod.ts';
import type { SamplingEvent, SamplingFold, SamplingProof } from '../../feeds/sampling/mod.ts';
import type { Hex, TrustFold } from '../../feeds/trust/mod.ts';
import type { AuditAgent } from '../auditor/mod.ts';
import type { ProofRows } from '../control/mod.ts';
import type { Shown } from '../payloads/mod.ts';
import {
  BackgroundProver,
  isForgeable,
  positionsOf,
  type ProofDone,
  ProverProcess,
} from '../prover/mod.ts';
import { KeyRing } from '../../circuits/mod.ts';
import type { EventBus } from './events.ts';
import type { OwnLogs } from './logs.ts';
import type { NodeOptions } from './options.ts';
import { ProofChecking } from './proof_checking.ts';
import { isEntitled } from './proof_checks.ts';
import { ProofBook } from './proof_book.ts';
import { none, twice, unknown, unprovable, unproven } from './proof_errors.ts';
import { type Found, proofRows } from './proof_rows.ts';
import { ProofShowing } from './proof_showing.ts';
import { tellProof } from './proof_told.ts';
import type { Transcripts } from './transcripts.ts';

/** An executor shows what its proof is about within this. */
const SHOW_MS = 30_000;

export interface ProofsOptions {
  node: NodeOptions;
  /** This node's identity key. */
  me: Hex;
  feeds: Promise<Feeds>;
  logs: OwnLogs;
  transcripts: Transcripts;
  bus: EventBus;
}

/** A node's part in the proofs of sampling that its network asks for: it makes, shows and checks them. */
export class Proofs implements AsyncDisposable {
  readonly #options: ProofsOptions;
  readonly #stop = new AbortController();
  readonly #prover: ProverProcess;
  readonly #background: BackgroundProver | null;
  readonly #book: ProofBook;
  readonly #checking: ProofChecking;
  readonly #showing: ProofShowing;
  #fold: SamplingFold | null = null;
  #trust: TrustFold | null = null;
  #rows: ProofRows | null = null;
  #insecure = true;
  /** Resolves when it is known what proofs are worth here; to be awaited before anything is folded. */
  readonly ready: Promise<void>;

  constructor(options: ProofsOptions) {
    this.#options = options;
    this.#showing = new ProofShowing(options.me);
    const { node: { network }, transcripts: { kept }, logs } = options;
    this.#prover = new ProverProcess(network.keyFolder);
    const isAsked = network.file.circuits !== null;
    const path = isAsked ? options.node.home.paths.proofs : null;
    this.#book = new ProofBook(path, (thrown) => this.#failed(thrown));
    this.#checking = new ProofChecking({
      ...options,
      prover: this.#prover,
      book: this.#book,
      signal: this.#stop.signal,
      dutyOf: (proof) => this.#dutyOf(proof),
      isInsecure: () => this.#insecure,
      remember: (subject, found) => this.#remember(subject, found),
    });
    this.ready = this.#weigh();
    this.ready.catch(() => {});
    const key = network.file.circuits?.keys.sample;
    this.#background = key === undefined || kept === null ? null : new BackgroundProver({
      network: network.id,
      key,
      prover: this.#prover,
      store: kept,
      append: async (block) => void await logs.append('artifacts', [block]),
      onDone: (done) => this.#done(done),
      now: Date.now,
      clock: () => performance.now(),
      signal: this.#stop.signal,
    });
  }

  /** Anybody could forge the proofs of this network, as far as is known here. */
  get insecure(): boolean {
    return this.#insecure;
  }

  /** Where they stand: the same object until that changes; null where none are asked for. */
  get rows(): ProofRows | null {
    const { me } = this.#options;
    if (this.#fold === null) return null;
    const waiting = this.#background?.waiting ?? 0;
    if (this.#rows?.waiting !== waiting) this.#rows = null;
    return this.#rows ??= proofRows(
      this.#fold,
      me,
      this.#book.found,
      waiting,
      this.#insecure,
      (one) => this.#may(one),
    );
  }

  /** True if a peer asked for that attempt, and all of these positions are those of its proof. */
  mayBeShown(peer: Hex, job: Hex, attempt: number, positions: readonly number[]): boolean {
    return this.#showing.allows(peer, job, attempt, positions);
  }

  /** What a cut led to. @param live it was not known when the node started */
  took(events: readonly SamplingEvent[], live: boolean): void {
    if (events.length > 0) this.#rows = null;
    for (const event of events) {
      if (event.type === 'asked' || event.type === 'made') this.#showing.take(event.proof);
      for (const told of tellProof(event, this.#options.me, live, this.#insecure)) {
        this.#options.bus.emit(told.event, told.fields);
      }
    }
  }

  /** All that is known is folded: makes what is owed, checks what it may. */
  settled(sampling: SamplingFold | null, trust: TrustFold, agent: AuditAgent): void {
    const { me } = this.#options;
    this.#fold = sampling;
    this.#trust = trust;
    if (sampling === null) return;
    this.#rows = null;
    const isKnown = (subject: Hex) => sampling.get(subject) !== null;
    this.#showing.settle(sampling);
    this.#book.keepOnly(isKnown);
    this.#checking.keepOnly(isKnown);
    this.#background?.keepOnly(isKnown);
    for (const subject of agent.own.proven) {
      if (isKnown(subject)) this.#background?.made(subject);
    }
    this.#background?.owe(sampling.owedBy(me));
    this.#checking.check(sampling, agent, (thrown) => this.#failed(thrown));
  }

  /**
   * Makes the proof of one of this node's own answers now.
   * @param job id, or the hash of its artifact; hexadecimal, or its first digits
   * @throws {NexusError} `PROOFS_NONE`, `JOB_UNKNOWN`, `PROOF_…`, `PAYLOAD_…`, `PROVER_…`
   */
  async prove(job: string): Promise<{ proof: SamplingProof; record: ProofRecord }> {
    const fold = this.#fold, background = this.#background;
    if (fold === null || background === null) throw none();
    const mine = fold.proofs.filter(({ subject }) =>
      subject.executor === this.#options.me &&
      (subject.job.startsWith(job) || subject.id.startsWith(job))
    );
    const proof = mine.find(({ entry }) => entry === null) ?? mine[0];
    if (proof === undefined) throw unknown(job);
    if (proof.entry !== null) throw twice();
    if (proof.topkRoot === null || proof.pq !== TOP_P_OFF) throw unprovable();
    return { proof, record: await background.now(proof) };
  }

  /**
   * The logged proof of an attempt that this node got, with what it shows.
   * @throws {NexusError} `PROOF_UNKNOWN`, `PAYLOAD_…`
   */
  async shownOf(
    job: string,
    attempt: number,
  ): Promise<{ proof: SamplingProof; shown: Shown[] }> {
    const { me, transcripts } = this.#options;
    const proof = this.#fold?.proofs.find(({ subject, entry }) =>
      subject.job.startsWith(job) && subject.attempt === attempt && entry !== null
    );
    const jobKey = proof && transcripts.keyOf(proof.subject.job, attempt);
    if (proof === undefined || jobKey == null || proof.subject.requester !== me) {
      throw unproven(job);
    }
    const of = { job: fromHex(proof.subject.job, 32), attempt, jobKey };
    const executor = fromHex(proof.subject.executor, 32);
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(SHOW_MS)]);
    const shown = await transcripts.shown(executor, of, positionsOf(proof), signal);
    return { proof, shown };
  }

  /** Ends the process; what is owed is made when the node is back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#prover[Symbol.asyncDispose]();
    await this.#background?.idle();
    await this.#checking.idle();
    await this.#book.flushed();
  }

  async #weigh(): Promise<void> {
    const { keyFolder, file: { circuits } } = this.#options.node.network;
    if (circuits === null) return;
    const key = await new KeyRing(keyFolder).find('sample', circuits.keys.sample);
    this.#insecure = isForgeable('sample', key, circuits);
  }

  #dutyOf({ subject }: SamplingProof) {
    const duties = this.#trust?.dutiesOf(subject.id) ?? [];
    return duties.find(({ auditor, open }) => auditor === this.#options.me && open !== null) ??
      null;
  }

  #may(proof: SamplingProof): boolean {
    return isEntitled(proof, this.#options.me, this.#dutyOf(proof));
  }

  #done({ proof, ms, error }: ProofDone): void {
    const { bus } = this.#options;
    const { id, job, attempt } = proof.subject;
    this.#rows = null;
    const about = { subject: id, job, attempt };
    if (error !== null) {
      this.#remember(id, { check: null, code: error.code });
      return bus.emit('proof-failed', { ...about, code: error.code, detail: error.message });
    }
    // It may have failed before.
    if (this.#book.found.has(id)) this.#remember(id, { check: null, code: null });
    bus.emit('proof-made', { ...about, ms: Math.round(ms ?? 0), insecure: this.#insecure });
  }

  #remember(subject: Hex, found: Found): void {
    this.#rows = null;
    this.#book.set(subject, found);
  }

  #failed(thrown: unknown): void {
    if (!this.#stop.signal.aborted) {
      this.#options.bus.emit('error', { ...asNexusError(thrown).toJSON() });
    }
  }
}
