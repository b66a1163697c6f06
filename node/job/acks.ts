import { ackMessage, type Signer } from '../../feeds/records/mod.ts';
import type { Outbox } from './outbox.ts';

/**
 * The requester's cumulative acknowledgements, beside the stream: while one is being signed and
 * sent, only the newest count waits.
 */
export class Acks {
  readonly #outbox: Outbox;
  readonly #signer: Pick<Signer, 'sign'>;
  readonly #job: Uint8Array;
  readonly #attempt: number;
  #wanted = 0;
  #sent = 0;
  #work: Promise<void> | null = null;
  #lost = false;

  constructor(outbox: Outbox, signer: Pick<Signer, 'sign'>, job: Uint8Array, attempt: number) {
    this.#outbox = outbox;
    this.#signer = signer;
    this.#job = job;
    this.#attempt = attempt;
  }

  /** Tokens acknowledged, or about to be. */
  get tokens(): number {
    return this.#wanted;
  }

  /** Acknowledges so many output tokens of this attempt. */
  send(tokens: number): void {
    if (tokens <= this.#wanted) return;
    this.#wanted = tokens;
    this.#start();
  }

  /** Resolves when everything was sent, or the channel is gone. */
  async flushed(): Promise<void> {
    while (this.#work !== null) await this.#work;
  }

  #start(): void {
    if (this.#work !== null || this.#lost) return;
    const lost = (): void => void (this.#lost = true);
    this.#work = this.#run().catch(lost).finally(() => {
      this.#work = null;
      // More may have come between the last look and here.
      if (this.#sent < this.#wanted) this.#start();
    });
  }

  async #run(): Promise<void> {
    while (this.#sent < this.#wanted) {
      const tokens = this.#wanted;
      const signature = await this.#signer.sign(ackMessage(this.#job, this.#attempt, tokens));
      await this.#outbox.send({ type: 'ack', tokens, signature });
      this.#sent = tokens;
    }
  }
}
