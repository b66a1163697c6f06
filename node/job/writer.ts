import { digestMessage, RunningDigest, type Salted, type Signer } from '../../feeds/records/mod.ts';
import { WIRE_LIMITS } from './bodies.ts';
import type { Outbox } from './outbox.ts';

/** Where a writer's tokens belong. */
export interface WriterOptions extends Salted {
  /** `recordHash` of the offer. */
  offer: Uint8Array;
  outbox: Outbox;
  signer: Pick<Signer, 'sign'>;
  /** Resolves once the attempt is remembered for good: nothing of it is signed before. */
  kept: Promise<void>;
  /** Position of the first token in the whole answer. */
  resumeAt: number;
  /** Tokens between signed digests. */
  digestEvery: number;
  /** Called with the number of tokens after each one. */
  onToken: (tokens: number) => void;
  /** Called once if sending fails. */
  onLost: (error: unknown) => void;
}

/**
 * The executor's token stream: a token goes out at once when the line is idle; what comes up while
 * a message is on its way goes out together. A signed running digest follows every so often.
 */
export class TokenWriter {
  readonly ids: number[] = [];
  /** One artifact byte an id. */
  readonly bytes: number[] = [];
  readonly #options: WriterOptions;
  readonly #digest: RunningDigest;
  #sent = 0;
  #signed = 0;
  #flushing: Promise<void> | null = null;
  #lost = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#digest = new RunningDigest(options);
  }

  /** Running digest over all that was pushed. Call it after {@link drain}. */
  root(): Uint8Array {
    return this.#digest.digest();
  }

  push(id: number, byte: number): void {
    this.ids.push(id);
    this.bytes.push(byte);
    this.#start();
    this.#options.onToken(this.ids.length);
  }

  /** Resolves when all was sent, or sending failed. */
  async drain(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing;
    this.seal();
  }

  /** What a broken line kept back is still part of what the executor commits to. */
  seal(): void {
    this.#digestTo(this.ids.length);
  }

  #digestTo(tokens: number): void {
    for (let i = this.#digest.tokens; i < tokens; i++) {
      this.#digest.push(this.ids[i]!, this.bytes[i]!);
    }
  }

  #start(): void {
    this.#flushing ??= this.#flush().catch((error) => {
      this.#lost = true;
      this.#options.onLost(error);
    }).finally(() => {
      this.#flushing = null;
      // Pushed after the last look, while this was still on its way out.
      if (!this.#lost && this.#sent < this.ids.length) this.#start();
    });
  }

  async #flush(): Promise<void> {
    const { outbox, resumeAt, digestEvery } = this.#options;
    while (this.#sent < this.ids.length) {
      const from = this.#sent, to = from + WIRE_LIMITS.batchTokens;
      const ids = this.ids.slice(from, to);
      const bytes = Uint8Array.from(this.bytes.slice(from, to));
      this.#sent += ids.length;
      this.#digestTo(this.#sent);
      const going = outbox.send({ type: 'tokens', position: resumeAt + from, ids, bytes });
      if (this.#sent - this.#signed >= digestEvery) await this.#sign();
      await going;
    }
  }

  /** Signs what was sent so far; the signature follows the tokens that it covers. */
  async #sign(): Promise<void> {
    const { outbox, signer, offer, kept } = this.#options;
    const tokens = this.#sent;
    this.#signed = tokens;
    const digest = this.#digest.digest();
    await kept;
    const signature = await signer.sign(digestMessage(offer, tokens, digest));
    await outbox.send({ type: 'digest', tokens, digest, signature });
  }
}
