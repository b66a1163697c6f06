import { NexusError } from '../../feeds/base/mod.ts';
import { ackMessage, type SignedAck, type VerifyFunction } from '../../feeds/records/mod.ts';
import type { Clock } from './clock.ts';

/** Whose acknowledgements, of what. */
export interface CreditOptions {
  job: Uint8Array;
  attempt: number;
  requester: Uint8Array;
  verify: VerifyFunction;
  clock: Clock;
  /** Tokens that may be unacknowledged. */
  window: number;
  /**
   * How much longer a full window may stay full, milliseconds.
   * @param now since when it is full
   * @param before how long it was full earlier, in all
   */
  patience: (now: number, before: number) => number;
}

/** Whether somebody else waits is looked up so often. */
const LOOK_MS = 500;

/** The executor's credit: work goes on only while what is unacknowledged is bounded. */
export class Credit {
  readonly #options: CreditOptions;
  #last: SignedAck | null = null;
  #wake: (() => void) | null = null;
  #waited = 0;

  constructor(options: CreditOptions) {
    this.#options = options;
  }

  /** The newest acknowledgement, which pays. */
  get last(): SignedAck | null {
    return this.#last;
  }

  /**
   * Takes an acknowledgement; an older one changes nothing.
   * @param made tokens produced so far
   * @throws {NexusError} `BAD_ACK`
   */
  async take(ack: SignedAck, made: number): Promise<void> {
    const { job, attempt, requester, verify } = this.#options;
    if (ack.tokens <= (this.#last?.tokens ?? 0)) return;
    if (ack.tokens > made) throw bad(`${ack.tokens} tokens acknowledged, ${made} were made`);
    if (!await verify(requester, ackMessage(job, attempt, ack.tokens), ack.signature)) {
      throw bad('the signature does not hold');
    }
    if (ack.tokens <= (this.#last?.tokens ?? 0)) return;
    this.#last = { tokens: ack.tokens, signature: ack.signature.slice() };
    this.#wake?.();
  }

  /**
   * Waits until one more token may be made.
   * @returns false if the requester let the window stay full for too long
   */
  async room(made: number, signal: AbortSignal): Promise<boolean> {
    const { window, patience, clock } = this.#options;
    const isFull = (): boolean => made - (this.#last?.tokens ?? 0) >= window;
    if (!isFull()) return true;
    const since = clock.tick();
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (isFull() && !signal.aborted) {
        const left = patience(clock.tick() - since, this.#waited);
        if (left <= 0) return false;
        await new Promise<void>((resolve) => {
          const cancel = clock.after(Math.min(left, LOOK_MS), resolve);
          this.#wake = () => (cancel(), resolve());
        });
      }
      return true;
    } finally {
      this.#wake = null;
      this.#waited += clock.tick() - since;
      signal.removeEventListener('abort', wake);
    }
  }
}

function bad(what: string): NexusError {
  return new NexusError('BAD_ACK', `bad acknowledgement: ${what}`, {
    hint: 'the requester does not follow the protocol',
    stage: 'decode',
  });
}
