import { equalBytes, toHex } from '../base/mod.ts';
import type { ArtifactRecord, ClaimRecord, JobRecord, SettleRecord } from '../records/mod.ts';
import type { Hex, Known } from '../trust/mod.ts';
import { Agenda } from './agenda.ts';
import { type Attempt, keyOf } from './attempt.ts';
import { priceAsked } from './cost.ts';
import type { Desk } from './desk.ts';
import { takeOffer } from './offers.ts';
import { type Artifact, type Claim, Orphans, type Work } from './orphans.ts';
import { isSame, type Signatures } from './signatures.ts';

/** What the jobs keep from cut to cut. Plain data. */
export interface JobsState {
  seq: number;
  attempts: Attempt[];
  orphans: [string, Work[]][];
}

/** Jobs from their offers until their money is paid or returned. */
export class Jobs {
  readonly agenda = new Agenda();
  readonly #desk: Desk;
  readonly #signatures: Signatures;
  readonly #attempts = new Map<string, Attempt>();
  readonly #byExecutor = new Map<Hex, Set<Attempt>>();
  readonly #orphans: Orphans;
  #seq: number;

  constructor(desk: Desk, signatures: Signatures, state?: JobsState) {
    this.#desk = desk;
    this.#signatures = signatures;
    this.#seq = state?.seq ?? 0;
    this.#orphans = new Orphans(state?.orphans);
    for (const attempt of state?.attempts ?? []) {
      this.#keep(keyOf(attempt.job, attempt.attempt), attempt);
      this.agenda.set(attempt, attempt.due);
    }
  }

  get size(): number {
    return this.#attempts.size;
  }

  get(job: Hex, attempt: number): Attempt | undefined {
    return this.#attempts.get(keyOf(job, attempt));
  }

  /** An executor's attempts, in the order in which they came. */
  of(executor: Hex): Iterable<Attempt> {
    return this.#byExecutor.get(executor) ?? [];
  }

  /** Takes an offer: what it may cost is held. */
  offer(entry: Known<JobRecord>): void {
    const job = toHex(entry.record.job), key = keyOf(job, entry.record.attempt);
    const attempt = takeOffer(entry, job, !this.#attempts.has(key), this.#seq, this.#desk);
    if (attempt === null) return;
    this.#seq++;
    this.#keep(key, attempt);
    this.agenda.set(attempt, attempt.due);
    for (const work of this.#orphans.take(key)) this.#work(key, work);
  }

  artifact({ owner, ownerKey, place, record }: Known<ArtifactRecord>): void {
    if (!equalBytes(record.executor, ownerKey)) return;
    const key = keyOf(toHex(record.job), record.attempt), root = toHex(record.root);
    const offer = toHex(record.offer);
    const { tokens, resumeAt, ncu, totalMs } = record;
    this.#work(key, {
      type: 'artifact',
      owner,
      place,
      tokens,
      resumeAt,
      ncu,
      totalMs,
      root,
      offer,
    });
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
      const detail = toHex(record.executor) === owner
        ? 'its author answered it: nothing is paid'
        : 'its author offered no such attempt';
      return world.refuse('settle-unknown', place, owner, detail);
    }
    if (attempt.settled !== null) {
      return world.refuse('settle-twice', place, owner, 'the attempt is settled');
    }
    if (world.cut > attempt.offered + world.rules.settleCuts) {
      return world.refuse('settle-late', place, owner, 'its time is over');
    }
    attempt.settled = Math.min(record.tokens, attempt.most);
    const executor = book.get(attempt.executor);
    // An offer of nothing takes neither money nor anybody's consent: it is no ground for a record.
    if (executor !== undefined && (attempt.escrow > 0 || attempt.payment !== null)) {
      if (record.outcome === 'failed') executor.account.failed++;
      else executor.account.served++;
      book.touch(executor);
      this.#desk.rated.add(executor);
    }
    const { digest } = record;
    // Kept only while it may prove something: that is, hardly ever.
    if (digest !== null && attempt.root !== null && isSame(attempt, digest)) {
      attempt.root = attempt.offer = null;
    } else if (digest !== null) {
      const { tokens } = digest, signature = toHex(digest.signature);
      attempt.digest = { place, tokens, digest: toHex(digest.digest), signature };
      this.#signatures.compare(attempt);
    }
    if (attempt.acked !== null) this.#contradicts(attempt, entry, attempt.acked);
    this.weigh(attempt);
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
    this.#desk.silence(attempt);
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
    const its = this.#byExecutor.get(attempt.executor)!;
    its.delete(attempt);
    if (its.size === 0) this.#byExecutor.delete(attempt.executor);
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

  #keep(key: string, attempt: Attempt): void {
    this.#attempts.set(key, attempt);
    const its = this.#byExecutor.get(attempt.executor);
    if (its === undefined) this.#byExecutor.set(attempt.executor, new Set([attempt]));
    else its.add(attempt);
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
    { owner, place, tokens, resumeAt, ncu, totalMs, root, offer }: Artifact,
  ): void {
    const { market, world, book } = this.#desk;
    if (attempt.digested !== null || attempt.state === 'over') return;
    if (resumeAt !== attempt.resumeAt || tokens > attempt.most) {
      return world.refuse('claim-above-ack', place, owner, 'its counts are not those of the offer');
    }
    attempt.digested = tokens;
    attempt.root = root;
    attempt.offer = offer;
    attempt.workedMs = totalMs;
    const profile = market.get(attempt.profile)!;
    attempt.asked = priceAsked(ncu, profile, attempt.promptTokens, tokens);
    book.member(owner);
    const ceiling = market.ceiling(profile, world.rules.askBand);
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
    this.#signatures.push(async () => {
      if (attempt.settled !== null && tokens <= attempt.settled) return;
      if (!await this.#signatures.isAck(attempt, tokens, signature)) {
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
}
