import { countBytes, equalBytes, NexusError, taggedHash, toHex } from '../../feeds/base/mod.ts';
import type { LedgerView } from '../../feeds/ledger/mod.ts';
import { admitStanding, standingChallenge, type StandingRule } from './admission.ts';
import type { StandingProof } from './standing.ts';

/** Of one challenge, milliseconds: proving takes seconds, and somebody may do it by hand. */
const LIFE_MS = 10 * 60_000;
/** Challenges that admitted somebody and have not expired: proofs are not made faster than that. */
const MOST_USED = 4096;
/** Those whose answer was wrong: of more, the oldest are forgotten, so that junk keeps nobody out. */
const MOST_FAILED = 4096;
/** What time mends, found before the proof is looked at: the same answer may come again. */
export const EARLY: ReadonlySet<string> = new Set([
  'STANDING_ROOT',
  'LEDGER_UNREAD',
  'ADMISSION_BUSY',
]);
/** Proofs that are checked or wait for it, at once. */
const MOST_WAITING = 8;

export interface DeskOptions {
  rule: StandingRule;
  /** Key of the node that admits, 32 bytes. */
  verifier: Uint8Array;
  /** 32 bytes that nobody can guess, of this run: challenges of another one are worth nothing. */
  secret: Uint8Array;
  /** The ledger as it is now; null: nothing is folded yet. Is asked for every answer. */
  ledger: () => Pick<LedgerView, 'epoch' | 'fields'> | null;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Throws where nobody more can be admitted: asked before a challenge is used up. */
  room: () => Promise<void>;
}

/** What an applicant is to prove, and for what. */
export interface Challenge {
  nonce: Uint8Array;
  /** Follows from network, verifier, applicant and nonce: `standingChallenge`. */
  challenge: Uint8Array;
  /** Milliseconds since 1970. */
  expires: number;
}

/** What an applicant answers. */
export interface Application {
  /** As it was when the challenge was asked for, 32 bytes. */
  applicant: Uint8Array;
  expires: number;
  file: StandingProof;
}

/**
 * Admits on proofs of a standing. A challenge is not kept until it is answered: it follows from the
 * applicant, the time and a secret, so that asking for many costs nobody anything. One that was
 * answered is kept until it has expired: it counts once, and a wrong answer uses it up too, so that
 * each look at a proof takes a challenge of its own.
 */
export class AdmissionDesk {
  readonly #options: DeskOptions;
  /** By challenge, hexadecimal, when it expires: in that order, nearly. */
  readonly #used = new Map<string, number>();
  readonly #failed = new Map<string, number>();
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** @param applicant 32 bytes of its own choice, which its proof will be bound to */
  challenge(applicant: Uint8Array): Challenge {
    return this.#challenge(applicant, this.#options.now() + LIFE_MS);
  }

  /**
   * Decides on one application; only one is looked at at a time.
   * @throws {NexusError} `ADMISSION_EXPIRED`, `ADMISSION_UNKNOWN` (the proof answers another challenge, or
   * somebody else's), `ADMISSION_REPLAYED`, `ADMISSION_BUSY`, `LEDGER_UNREAD`, `STANDING_…`, `KEY_…`,
   * what `room` throws
   */
  async admit(application: Application): Promise<void> {
    if (this.#waiting >= MOST_WAITING) throw busy();
    this.#waiting++;
    const turn = this.#last.then(() => this.#admit(application));
    this.#last = turn.catch(() => {});
    try {
      await turn;
    } finally {
      this.#waiting--;
    }
  }

  async #admit({ applicant, expires, file }: Application): Promise<void> {
    const { rule, ledger, now, room } = this.#options;
    const at = now();
    // One of the future was never given.
    if (expires <= at || expires > at + LIFE_MS) {
      throw refused('ADMISSION_EXPIRED', 'the challenge has expired');
    }
    const { challenge } = this.#challenge(applicant, expires);
    if (!equalBytes(challenge, file.challenge)) {
      throw refused(
        'ADMISSION_UNKNOWN',
        'the proof answers another challenge than its applicant’s',
      );
    }
    const name = toHex(challenge);
    if (this.#used.has(name) || this.#failed.has(name)) {
      throw refused('ADMISSION_REPLAYED', 'the challenge was answered before');
    }
    for (const marks of [this.#used, this.#failed]) {
      for (const [old, end] of marks) if (end <= at) marks.delete(old);
    }
    if (this.#used.size >= MOST_USED) throw busy();
    await room();
    // Before the check, which is what costs.
    this.#used.set(name, expires);
    try {
      const known = ledger();
      if (known === null) {
        throw new NexusError('LEDGER_UNREAD', 'this node has not read the ledger yet', {
          hint: 'try again in a while',
        });
      }
      await admitStanding(file, rule, challenge, known);
    } catch (thrown) {
      this.#used.delete(name);
      const code = thrown instanceof NexusError ? thrown.code : '';
      const isUnseen = code.startsWith('PROVER_');
      if (!isUnseen && !EARLY.has(code)) this.#fail(name, expires);
      throw isUnseen ? unseen(thrown) : thrown;
    }
  }

  #fail(name: string, expires: number): void {
    this.#failed.set(name, expires);
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > MOST_FAILED) this.#failed.delete(oldest!);
  }

  #challenge(applicant: Uint8Array, expires: number): Challenge {
    const { rule: { network }, verifier, secret } = this.#options;
    const nonce = taggedHash('nexus/admission-nonce/1', secret, applicant, countBytes(expires));
    const challenge = standingChallenge(network, verifier, applicant, nonce);
    return { nonce, challenge, expires };
  }
}

function refused(code: string, why: string): NexusError {
  return new NexusError(code, why, {
    hint: 'ask for a new challenge and prove again: nexus prove standing --for <gateway>',
  });
}

function unseen(cause: unknown): NexusError {
  return new NexusError('ADMISSION_BUSY', 'the proof could not be looked at', {
    hint: 'try again in a while',
    cause,
  });
}

function busy(): NexusError {
  return new NexusError('ADMISSION_BUSY', 'too many proofs are being looked at', {
    hint: 'try again in a while',
  });
}
