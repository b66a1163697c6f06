import { equalBytes, fromHex, toHex } from '../base/mod.ts';
import {
  ackMessage,
  type ArtifactRecord,
  type ClaimRecord,
  digestMessage,
  jobId,
  type JobRecord,
  type SettleRecord,
  type SignedDigest,
  type VerifyFunction,
} from '../records/mod.ts';
import type { Hex, Known, Place } from '../trust/mod.ts';
import { Agenda } from './agenda.ts';
import { type Attempt, attemptOf, keyOf } from './attempt.ts';
import { escrowFor } from './cost.ts';
import type { Desk } from './desk.ts';
import { type Artifact, type Claim, Orphans, type Work } from './orphans.ts';
import { creditOf } from './standing.ts';
import type { LedgerWorld } from './world.ts';

/** More than all accounts together may have. */
const MOST_ESCROW = 2 ** 52;

/** What the jobs keep from cut to cut. Plain data. */
export interface JobsState {
  seq: number;
  attempts: Attempt[];
  orphans: [string, Work[]][];
}

/** An attempt of which its executor's own signatures contradict each other, as an entry shows. */
export interface Contradiction {
  attempt: Attempt;
  place: Place;
}

/** Jobs from their offers until their money is paid or returned. */
export class Jobs {
  readonly agenda = new Agenda();
  readonly #desk: Desk;
  readonly #verify: VerifyFunction;
  readonly #attempts = new Map<string, Attempt>();
  readonly #orphans: Orphans;
  #seq: number;
  /** Signatures that this cut's entries make it look at. */
  #checks: (() => Promise<void>)[] = [];
  #contradictions: Contradiction[] = [];

  constructor(desk: Desk, verify: VerifyFunction, state?: JobsState) {
    this.#desk = desk;
    this.#verify = verify;
    this.#seq = state?.seq ?? 0;
    this.#orphans = new Orphans(state?.orphans);
    for (const attempt of state?.attempts ?? []) {
      this.#attempts.set(keyOf(attempt.job, attempt.attempt), attempt);
      this.agenda.set(attempt, attempt.due);
    }
  }

  get size(): number {
    return this.#attempts.size;
  }

  get(job: Hex, attempt: number): Attempt | undefined {
    return this.#attempts.get(keyOf(job, attempt));
  }

  all(): Iterable<Attempt> {
    return this.#attempts.values();
  }

  /** Takes an offer: what it may cost is held. */
  offer({ owner, place, record }: Known<JobRecord>): void {
    const { book, market, world } = this.#desk;
    const refuse = (code: Parameters<LedgerWorld['refuse']>[0], detail: string) =>
      world.refuse(code, place, owner, detail);
    const id = jobId(record.requester, record.prompt, record.nonce, record.keyHash);
    if (toHex(record.requester) !== owner || !equalBytes(id, record.job)) {
      return refuse('job-unknown', 'it is of another requester, or its id is wrong');
    }
    const job = toHex(record.job), key = keyOf(job, record.attempt);
    if (this.#attempts.has(key)) return refuse('job-twice', 'the attempt was offered before');
    const coefficients = market.get(toHex(record.profile));
    if (coefficients === undefined) return refuse('profile-unknown', toHex(record.profile));
    const requester = book.member(owner);
    if (requester.account.status === 'banned') return refuse('job-banned', 'its author is banned');
    const { promptTokens, priceCap, resumeAt, sampling: { maxTokens } } = record;
    const offer = { priceCap, promptTokens, resumeAt, maxTokens };
    const escrow = escrowFor(offer, coefficients);
    if (escrow > MOST_ESCROW) return refuse('job-amount', `${escrow} is more than there can be`);
    if (maxTokens > world.maxTokens) {
      return refuse('job-amount', `more than ${world.maxTokens} tokens`);
    }
    if (equalBytes(record.executor, record.requester)) {
      return refuse('job-self', 'it is for its author');
    }
    if (book.get(toHex(record.executor))?.account.status === 'banned') {
      return refuse('job-banned', 'its executor is banned');
    }
    const own = Math.min(escrow, requester.account.available), credit = escrow - own;
    if (credit > creditOf(requester, world) || (credit > 0 && !book.lend(requester, credit))) {
      return refuse('job-unfunded', `it may cost ${escrow}, there are ${own}`);
    }
    book.move(requester, 'available', requester, 'escrow', own);
    const seq = this.#seq++;
    const offered = world.cut, due = offered + world.rules.settleCuts;
    const attempt = attemptOf(record, { seq, job, requester: owner, offered, escrow, due });
    this.#attempts.set(key, attempt);
    this.agenda.set(attempt, due);
    if (escrow > 0) {
      world.emit({ type: 'escrow', account: owner, job, attempt: attempt.attempt, amount: escrow });
    }
    for (const work of this.#orphans.take(key)) this.#work(key, work);
  }

  artifact({ owner, place, record }: Known<ArtifactRecord>): void {
    if (toHex(record.executor) !== owner) return;
    const key = keyOf(toHex(record.job), record.attempt), root = toHex(record.root);
    const { tokens, resumeAt, ncu, totalMs } = record;
    this.#work(key, { type: 'artifact', owner, place, tokens, resumeAt, ncu, totalMs, root });
  }

  claim({ owner, place, record }: Known<ClaimRecord>): void {
    const key = keyOf(toHex(record.job), record.attempt);
    const requester = toHex(record.requester), signature = toHex(record.ack.signature);
    const { tokens } = record.ack;
    this.#work(key, { type: 'claim', owner, place, requester, tokens, signature });
  }

  settle(entry: Known<SettleRecord>): void {
    const { owner, place, record } = entry;
    const { book, world } = this.#desk;
    const attempt = this.#attempts.get(keyOf(toHex(record.job), record.attempt));
    if (attempt === undefined || attempt.requester !== owner) {
      return world.refuse('settle-unknown', place, owner, 'its author offered no such attempt');
    }
    if (toHex(record.executor) !== attempt.executor) {
      return world.refuse('settle-unknown', place, owner, 'it was offered to another executor');
    }
    if (attempt.settled !== null) {
      return world.refuse('settle-twice', place, owner, 'the attempt is settled');
    }
    if (world.cut > attempt.offered + world.rules.settleCuts) {
      return world.refuse('settle-late', place, owner, 'its time is over');
    }
    attempt.settled = Math.min(record.tokens, attempt.most);
    const executor = book.get(attempt.executor);
    if (executor !== undefined) {
      if (record.outcome === 'failed') executor.account.failed++;
      else executor.account.served++;
      book.touch(executor);
      this.#desk.rated.add(executor);
    }
    const { digest } = record;
    // Kept only while it may prove something: that is, hardly ever.
    if (digest !== null && (attempt.root === null || !isSame(attempt, digest))) {
      const { tokens } = digest, signature = toHex(digest.signature);
      attempt.digest = { place, tokens, digest: toHex(digest.digest), signature };
      this.compare(attempt);
    }
    if (attempt.acked !== null) this.#contradicts(attempt, entry, attempt.acked);
    this.weigh(attempt);
  }

  /** Looks at the signatures that matter, after all entries of a cut. */
  async check(): Promise<Contradiction[]> {
    const checks = this.#checks;
    this.#checks = [];
    for (const check of checks) await check();
    const found = this.#contradictions;
    this.#contradictions = [];
    return found;
  }

  /** Pays an attempt if nothing more can come of it. */
  weigh(attempt: Attempt): void {
    const { state, digested, settled, acked } = attempt;
    if (state !== 'open' || digested === null) return;
    const received = Math.max(settled ?? 0, acked ?? 0);
    if (received >= digested && (settled !== null || acked !== null)) this.#pay(attempt, digested);
  }

  /** Ends the time in which an attempt may be settled. */
  expire(attempt: Attempt): void {
    const { settled, acked, digested, offered } = attempt;
    const { world } = this.#desk;
    if (settled === null && acked === null) this.#end(attempt);
    else if (digested !== null) {
      this.#pay(attempt, Math.min(digested, Math.max(settled ?? 0, acked ?? 0)));
    } else {
      // No artifact came: what stands for it has yet to be looked at.
      const last = offered + world.rules.settleCuts + world.challengeCuts;
      if (world.cut < last) this.agenda.set(attempt, last);
      else this.#end(attempt);
    }
  }

  /** Nothing is known of an attempt any more. */
  forget(attempt: Attempt): void {
    this.#attempts.delete(keyOf(attempt.job, attempt.attempt));
  }

  /** Ends a cut. */
  conclude(): void {
    this.#orphans.forget(this.#desk.world);
  }

  state(): JobsState {
    return {
      seq: this.#seq,
      attempts: [...this.#attempts.values()],
      orphans: this.#orphans.state(),
    };
  }

  #pay(attempt: Attempt, tokens: number): void {
    this.#desk.pay(attempt, tokens);
    const { world } = this.#desk;
    this.agenda.set(attempt, attempt.payment?.free ?? world.cut + world.challengeCuts);
  }

  /** All of it goes back; a while it is remembered, so that what comes late is known as late. */
  #end(attempt: Attempt): void {
    this.#desk.giveBack(attempt);
    const { world } = this.#desk;
    this.agenda.set(attempt, world.cut + world.challengeCuts);
  }

  #work(key: string, work: Work): void {
    const { world } = this.#desk;
    const attempt = this.#attempts.get(key);
    if (attempt === undefined) return this.#orphans.keep(key, work, world);
    if (attempt.executor !== work.owner) {
      const detail = 'the attempt was offered to another executor';
      return world.refuse('settle-unknown', work.place, work.owner, detail);
    }
    if (work.type === 'artifact') this.#artifact(attempt, work);
    else this.#claim(attempt, work);
  }

  #artifact(
    attempt: Attempt,
    { owner, place, tokens, resumeAt, ncu, totalMs, root }: Artifact,
  ): void {
    const { market, world, book } = this.#desk;
    if (attempt.digested !== null || attempt.state === 'over') return;
    if (resumeAt !== attempt.resumeAt || tokens > attempt.most) {
      return world.refuse('claim-above-ack', place, owner, 'its counts are not those of the offer');
    }
    attempt.digested = tokens;
    attempt.root = root;
    attempt.asked = tokens === 0 ? 0 : Math.floor(ncu / tokens);
    book.member(owner);
    market.worked(owner, attempt.profile, totalMs);
    const ceiling = market.ceiling(market.get(attempt.profile)!, world.rules.askBand);
    if (attempt.asked > ceiling) {
      world.refuse('price-band', place, owner, `${attempt.asked} a token, ${ceiling} at most`);
    }
    this.#desk.expose(attempt, this.#desk.costOf(attempt, tokens));
    this.weigh(attempt);
  }

  #claim(attempt: Attempt, { owner, place, requester, tokens, signature }: Claim): void {
    const { world } = this.#desk;
    if (requester !== attempt.requester) {
      return world.refuse('settle-unknown', place, owner, 'it names another requester');
    }
    if (attempt.claimed) {
      return world.refuse('settle-twice', place, owner, 'the attempt was claimed before');
    }
    if (world.cut > attempt.offered + world.rules.settleCuts) {
      return world.refuse('settle-late', place, owner, 'its time is over');
    }
    attempt.claimed = true;
    if (tokens > attempt.most || (attempt.digested !== null && tokens > attempt.digested)) {
      world.refuse('claim-above-ack', place, owner, `${tokens} tokens are more than there were`);
      if (tokens > attempt.most) return;
    }
    this.#checks.push(async () => {
      if (attempt.settled !== null && tokens <= attempt.settled) return;
      const message = ackMessage(fromHex(attempt.job), attempt.attempt, tokens);
      if (!await this.#verify(fromHex(requester), message, fromHex(signature))) {
        return world.refuse('claim-unsigned', place, owner, 'its requester has not signed that');
      }
      attempt.acked = tokens;
      this.#contradicts(attempt, { owner, place }, tokens);
      this.weigh(attempt);
    });
  }

  /** A requester that signed for more than it settled. */
  #contradicts(
    attempt: Attempt,
    { owner, place }: Pick<Known, 'owner' | 'place'>,
    acked: number,
  ): void {
    const { book, world } = this.#desk;
    if (attempt.settled === null || acked <= attempt.settled) return;
    const requester = book.member(attempt.requester);
    requester.account.violations++;
    book.touch(requester);
    const detail = `${attempt.requester} signed for ${acked} tokens and settled ${attempt.settled}`;
    world.refuse('ack-contradiction', place, owner, detail);
  }

  /**
   * Compares what an executor signed while it streamed with its artifact. Only once trust has found
   * that the artifact answers the offer that is logged: a digest does not name its offer.
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
    const { job, attempt: number, executor } = attempt;
    this.#checks.push(async () => {
      const message = digestMessage(fromHex(job), number, tokens, fromHex(digest));
      if (await this.#verify(fromHex(executor), message, fromHex(signature))) {
        this.#contradictions.push({ attempt, place });
      }
    });
  }
}

function isSame({ root, digested }: Attempt, { tokens, digest }: SignedDigest): boolean {
  return tokens < digested! || (tokens === digested && toHex(digest) === root);
}
