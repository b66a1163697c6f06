import { fromHex } from '../base/mod.ts';
import {
  ackMessage,
  digestMessage,
  type SignedDigest,
  type VerifyFunction,
} from '../records/mod.ts';
import type { Hex, Place } from '../trust/mod.ts';
import type { Attempt } from './attempt.ts';

/** An attempt of which its executor's own signatures contradict each other, as an entry shows. */
export interface Contradiction {
  attempt: Attempt;
  place: Place;
}

/** Signatures that money depends on: looked at only where they would change something. */
export class Signatures {
  readonly #verify: VerifyFunction;
  #checks: (() => Promise<void>)[] = [];
  #contradictions: Contradiction[] = [];

  constructor(verify: VerifyFunction) {
    this.#verify = verify;
  }

  /** Puts off what needs a signature until the entries before it are taken. */
  push(check: () => Promise<void>): void {
    this.#checks.push(check);
  }

  /** Does what was put off, in that order. @returns whose signatures contradict each other */
  async run(): Promise<Contradiction[]> {
    const checks = this.#checks;
    this.#checks = [];
    for (const check of checks) await check();
    const found = this.#contradictions;
    this.#contradictions = [];
    return found;
  }

  /** True if an attempt's requester signed for so many tokens. */
  async isAck(
    { job, attempt, requester }: Attempt,
    tokens: number,
    signature: string,
  ): Promise<boolean> {
    const message = ackMessage(fromHex(job), attempt, tokens);
    return await this.#verify(fromHex(requester), message, fromHex(signature));
  }

  /**
   * Compares what an executor signed while it streamed with its artifact. Only once trust has found
   * that the artifact answers the offer that is logged: what was signed for another is no contradiction.
   */
  compare(attempt: Attempt): void {
    const { digest: shown, digested, root, kind } = attempt;
    if (shown === null || digested === null || kind === null) return;
    attempt.digest = null;
    const { tokens, digest, signature, place } = shown;
    // More than the artifact has was streamed and signed, and is not there to be audited.
    if (kind !== 'artifact' || tokens < digested || (tokens === digested && digest === root)) {
      return;
    }
    const { offer, executor } = attempt;
    this.push(async () => {
      const message = digestMessage(fromHex(offer!), tokens, fromHex(digest));
      if (await this.#verify(fromHex(executor), message, fromHex(signature))) {
        this.#contradictions.push({ attempt, place });
      }
    });
  }
}

/** True where a digest says nothing against an attempt's artifact. */
export function isSame({ root, digested }: Attempt, { tokens, digest }: SignedDigest): boolean {
  return tokens < digested! || (tokens === digested && isHexOf(root!, digest));
}

/** As `toHex(bytes) === hex`, without making a text. */
function isHexOf(hex: Hex, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (hex.charCodeAt(2 * i) !== digit(byte >> 4)) return false;
    if (hex.charCodeAt(2 * i + 1) !== digit(byte & 15)) return false;
  }
  return true;
}

function digit(value: number): number {
  return value + (value < 10 ? 48 : 87);
}
