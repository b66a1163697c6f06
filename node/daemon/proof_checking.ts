import { asNexusError, fromHex } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { encodeRecord } from '../../feeds/records/mod.ts';
import { accusationOf, type SamplingFold, type SamplingProof } from '../../feeds/sampling/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';
import { boxSecret } from '../../feeds/wire/mod.ts';
import type { AuditAgent } from '../auditor/mod.ts';
import type { ProverProcess } from '../prover/mod.ts';
import type { EventBus } from './events.ts';
import type { OwnLogs } from './logs.ts';
import type { NodeOptions } from './options.ts';
import { checkMade, isEntitled, type ProofCheckDeps } from './proof_checks.ts';
import type { ProofBook } from './proof_book.ts';
import type { Found } from './proof_rows.ts';
import type { Transcripts } from './transcripts.ts';

/** Tries to check one proof, one a cut: its executor may be away. */
const MAX_TRIES = 8;

export interface ProofCheckingOptions {
  node: Pick<NodeOptions, 'home' | 'network'>;
  /** This node's identity key. */
  me: Hex;
  feeds: Promise<Feeds>;
  logs: OwnLogs;
  transcripts: Transcripts;
  prover: ProverProcess;
  bus: EventBus;
  /** What was found before. */
  book: ProofBook;
  signal: AbortSignal;
  /** This node's duty to audit the answer, where it was opened to it. */
  dutyOf: (proof: SamplingProof) => Parameters<typeof isEntitled>[2];
  isInsecure: () => boolean;
  /** Takes what was found. */
  remember: (subject: Hex, found: Found) => void;
}

/** Checks the proofs of answers that this node may see, and accuses who made a wrong one. */
export class ProofChecking {
  readonly #options: ProofCheckingOptions;
  readonly #tries = new Map<Hex, number>();
  #running: Promise<void> | null = null;

  constructor(options: ProofCheckingOptions) {
    this.#options = options;
  }

  /**
   * Checks what was made and is not checked yet; while that goes on nothing else begins.
   * @param failed takes what went wrong with the whole
   */
  check(sampling: SamplingFold, agent: AuditAgent, failed: (thrown: unknown) => void): void {
    this.#running ??= this.#check(sampling, agent).finally(() => this.#running = null);
    this.#running.catch(failed);
  }

  /** Forgets what the fold has forgotten. */
  keepOnly(isKnown: (subject: Hex) => boolean): void {
    for (const id of this.#tries.keys()) if (!isKnown(id)) this.#tries.delete(id);
  }

  /** Resolves when nothing is being checked. */
  async idle(): Promise<void> {
    await this.#running?.catch(() => {});
  }

  async #check(sampling: SamplingFold, agent: AuditAgent): Promise<void> {
    const { node: { home, network }, me, feeds, transcripts, prover, book, signal, dutyOf } =
      this.#options;
    await book.ready;
    const waiting = sampling.proofs.filter((proof) =>
      proof.state === 'made' && isEntitled(proof, me, dutyOf(proof)) &&
      !this.#isOver(proof.subject.id)
    );
    if (waiting.length === 0) return;
    const deps: ProofCheckDeps = {
      network: network.id,
      secret: boxSecret(home.seed),
      feeds: await feeds,
      transcripts,
      prover,
    };
    for (const proof of waiting) {
      if (signal.aborted) return;
      try {
        await this.#note(
          proof,
          await checkMade(proof, dutyOf(proof), agent.identities, deps, signal),
        );
      } catch (thrown) {
        if (signal.aborted) return;
        const { id } = proof.subject;
        this.#tries.set(id, (this.#tries.get(id) ?? 0) + 1);
        this.#options.remember(id, { check: 'unchecked', code: asNexusError(thrown).code });
      }
    }
  }

  #isOver(subject: Hex): boolean {
    const found = this.#options.book.found.get(subject);
    return found !== undefined && found.check !== 'unchecked' ||
      (this.#tries.get(subject) ?? 0) >= MAX_TRIES;
  }

  async #note(
    proof: SamplingProof,
    found: Awaited<ReturnType<typeof checkMade>>,
  ): Promise<void> {
    const { bus, logs, me, remember, isInsecure } = this.#options;
    const { id, job, attempt, executor, requester } = proof.subject;
    const about = { subject: id, job, attempt, executor, mine: requester === me };
    this.#tries.delete(id);
    if (found.holds) {
      remember(id, { check: 'checked', code: null });
      return bus.emit('proof-checked', { ...about, insecure: isInsecure() });
    }
    const { error: { code, message }, accusation } = found;
    // Logged before it is known to be: who is stopped between the two finds it again.
    if (accusation !== null) {
      const { record, opening } = accusation;
      const entry = accusationOf(fromHex(executor, 32), record, opening, Date.now());
      await logs.append('attestations', [encodeRecord(entry)]);
    }
    remember(id, { check: 'refused', code });
    bus.emit('proof-refused', { ...about, code, detail: message, accused: accusation !== null });
  }
}
