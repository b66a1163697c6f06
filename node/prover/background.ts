import { asNexusError, equalBytes, fromHex, NexusError, sleep } from '../../feeds/base/mod.ts';
import {
  encodeRecord,
  type ProofRecord,
  publicsHash,
  publicsSalt,
} from '../../feeds/records/mod.ts';
import { samplePublics } from '../../circuits/mod.ts';
import type { SamplingProof } from '../../feeds/sampling/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';
import type { ProverProcess } from './process.ts';
import { type KeptAttempts, workOf } from './work.ts';

/** Part of one processor's time that it takes, at most. */
const SHARE = 0.5;
/** Proofs that wait at once, at most: the next cut is another chance for the rest. */
const MAX_QUEUE = 256;
/** Tries of one proof at once, where something else than the proof is in the way. */
const MAX_TRIES = 3;
/** Until the next one then, milliseconds: doubled each time, up to the longest. */
const AGAIN_MS = 60_000, LONGEST_MS = 3_600_000;
/** What speaks of the proof itself: it fails the same way each time. */
const FINAL = /^(PROOF|PAYLOAD|KEY)_/;
/** Subjects that are remembered take so much at most: 64 digits each, with what a set adds. */
const MAX_KNOWN_BYTES = 1024 * 1024, KNOWN_BYTES = 128;

/** A proof that was logged, or that could not be made: for the time being, unless the error is of the proof. */
export interface ProofDone {
  proof: SamplingProof;
  /** Milliseconds that it took; null where it failed. */
  ms: number | null;
  error: NexusError | null;
}

export interface BackgroundOptions {
  network: Uint8Array;
  /** Hash of the verification key that the network pins. */
  key: Hex;
  prover: Pick<ProverProcess, 'prove'>;
  store: KeptAttempts;
  append: (block: Uint8Array) => Promise<void>;
  onDone: (done: ProofDone) => void;
  now: () => number;
  /** Milliseconds, monotonic. */
  clock: () => number;
  /** Waits so many milliseconds, or until the signal aborts; absent: it does. */
  rest?: typeof sleep;
  signal: AbortSignal;
}

/** One that somebody waits for. */
interface Asked {
  proof: SamplingProof;
  resolve: (record: ProofRecord) => void;
  reject: (error: unknown) => void;
}

/**
 * Makes the proofs that a node owes, one after the other and with pauses, while its answers go on. The
 * queue is what the cuts say: nothing of it is lost with a process, and what is logged is not made again.
 */
export class BackgroundProver {
  readonly #options: BackgroundOptions;
  #queue: SamplingProof[] = [];
  #urgent: Asked[] = [];
  /** Subjects whose proof is logged, or cannot be made. */
  readonly #over = new Set<Hex>();
  /** How often one failed, and when by the clock it may be tried again. */
  readonly #tries = new Map<Hex, { count: number; at: number }>();
  #restUntil = -Infinity;
  #current: Hex | null = null;
  #running: Promise<void> = Promise.resolve();
  #idle = true;

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  /** Proofs that wait or are in work. */
  get waiting(): number {
    return this.#queue.length + this.#urgent.length + (this.#current === null ? 0 : 1);
  }

  /** What is owed now, in place of what was said before; the most urgent first. */
  owe(proofs: readonly SamplingProof[]): void {
    this.#queue = proofs
      .filter(({ subject: { id } }) =>
        !this.#over.has(id) && id !== this.#current && this.#mayTry(id)
      )
      .sort((a, b) => (a.due ?? Infinity) - (b.due ?? Infinity))
      .slice(0, MAX_QUEUE);
    this.#start();
  }

  /** A proof stands in the log already, also where no cut covers it yet. @param subject hexadecimal */
  made(subject: Hex): void {
    this.#remember(subject);
    this.#queue = this.#queue.filter(({ subject: { id } }) => id !== subject);
  }

  /** Forgets what the cuts have forgotten: nothing of it can be owed any more. */
  keepOnly(isKnown: (subject: Hex) => boolean): void {
    for (const known of [this.#over, this.#tries]) {
      for (const subject of known.keys()) if (!isKnown(subject)) known.delete(subject);
    }
  }

  /**
   * Makes one that is asked for by hand, before the others.
   * @throws {NexusError} why it cannot be made
   */
  async now(proof: SamplingProof): Promise<ProofRecord> {
    if (this.#urgent.length >= MAX_QUEUE) throw busy();
    const made = new Promise<ProofRecord>((resolve, reject) => {
      this.#urgent.push({ proof, resolve, reject });
    });
    this.#start();
    return await made;
  }

  /** Ends when nothing is in work: the signal that it was given stops it. */
  async idle(): Promise<void> {
    await this.#running;
  }

  #start(): void {
    if (!this.#idle) return;
    this.#idle = false;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const { signal, clock, rest = sleep } = this.#options;
    // Whoever calls is done first.
    await Promise.resolve();
    for (;;) {
      const isWanted = this.#queue.length + this.#urgent.length > 0;
      const pause = this.#restUntil - clock();
      if (isWanted && pause > 0) await rest(pause, signal);
      const asked = this.#urgent.shift();
      const proof = asked?.proof ?? this.#queue.shift();
      if (proof === undefined) {
        // Here, not when the promise is settled: what is asked for in between would wait for ever.
        this.#idle = true;
        return;
      }
      if (signal.aborted) {
        asked?.reject(signal.reason);
        continue;
      }
      const since = clock();
      this.#current = proof.subject.id;
      try {
        const record = await this.#make(proof);
        asked?.resolve(record);
      } catch (thrown) {
        const error = asNexusError(thrown);
        asked?.reject(error);
        if (!signal.aborted) this.#failed(proof, error);
      } finally {
        this.#current = null;
      }
      const at = clock();
      this.#restUntil = at + (at - since) * (1 - SHARE) / SHARE;
    }
  }

  async #make(proof: SamplingProof): Promise<ProofRecord> {
    const { network, key, prover, store, append, onDone, now, clock, signal } = this.#options;
    const since = clock(), subject = fromHex(proof.subject.id, 32);
    if (this.#over.has(proof.subject.id)) throw twice();
    const { statement, hidden, jobKey } = await workOf(network, proof, store);
    const made = await prover.prove(key, statement, hidden, signal);
    const publics = samplePublics(statement), salt = publicsSalt(jobKey, subject);
    const hash = publicsHash({ salt, publics });
    if (!equalBytes(hash, publicsHash({ salt, publics: made.publics }))) throw other();
    const record: ProofRecord = {
      type: 'proof',
      network,
      statement: 'sample',
      subject,
      key: fromHex(key, 32),
      publics: hash,
      proof: made.proof,
      at: now(),
    };
    await append(encodeRecord(record));
    this.#remember(proof.subject.id);
    onDone({ proof, ms: clock() - since, error: null });
    return record;
  }

  #mayTry(subject: Hex): boolean {
    const tried = this.#tries.get(subject);
    return tried === undefined || this.#options.clock() >= tried.at;
  }

  #failed(proof: SamplingProof, error: NexusError): void {
    const { id } = proof.subject, { clock, onDone } = this.#options;
    if (FINAL.test(error.code)) this.#remember(id);
    else {
      const count = (this.#tries.get(id)?.count ?? 0) + 1, rounds = count - MAX_TRIES;
      const wait = rounds < 0 ? 0 : Math.min(AGAIN_MS * 2 ** rounds, LONGEST_MS);
      this.#tries.set(id, { count, at: clock() + wait });
      if (rounds < 0) return void this.#queue.push(proof);
    }
    onDone({ proof, ms: null, error });
  }

  #remember(subject: Hex): void {
    this.#over.add(subject);
    this.#tries.delete(subject);
    if (this.#over.size * KNOWN_BYTES > MAX_KNOWN_BYTES) {
      this.#over.delete(this.#over.keys().next().value!);
    }
  }
}

function busy(): NexusError {
  return new NexusError('PROVER_BUSY', 'too many proofs wait', { hint: 'ask again in a while' });
}

function twice(): NexusError {
  return new NexusError('PROOF_TWICE', 'that proof is made already, or could not be made', {
    hint: 'nexus audit lists it; the log has the proof',
  });
}

function other(): NexusError {
  return new NexusError('PROOF_PUBLICS', 'the proof has other public inputs than were asked for');
}
