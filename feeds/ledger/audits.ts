import {
  type Duty,
  type ExecutorTrust,
  type Hex,
  isShown,
  type Place,
  type Subject,
  type TrustEvent,
} from '../trust/mod.ts';
import type { Attempt } from './attempt.ts';
import { escrowFor } from './cost.ts';
import type { Desk } from './desk.ts';
import type { Jobs } from './jobs.ts';
import type { Market } from './market.ts';
import { type Member, MOST_AGAINST } from './member.ts';
import type { Signatures } from './signatures.ts';

type Closed = TrustEvent & { type: 'closed' };

/** What the audits say of payments and of who did them. */
export class Audits {
  readonly #desk: Desk;
  readonly #jobs: Jobs;
  readonly #signatures: Signatures;
  readonly #executor: (key: Hex) => ExecutorTrust | null;
  /** Duties done with what was read shown, and missed, in this cut, by auditor. */
  readonly done = new Map<Hex, number>();
  readonly missed = new Map<Hex, number>();
  /** Audits that were not read or were copied, by auditor. */
  readonly faults = new Map<Hex, number>();
  /** Whose standing may have changed in this cut. */
  readonly judged = new Set<Member>();

  constructor(
    desk: Desk,
    jobs: Jobs,
    signatures: Signatures,
    executor: (key: Hex) => ExecutorTrust | null,
  ) {
    this.#desk = desk;
    this.#jobs = jobs;
    this.#signatures = signatures;
    this.#executor = executor;
  }

  take(event: TrustEvent): void {
    if (event.type === 'subject') this.#subject(event.subject, event.rate, event.audited);
    else if (event.type === 'duty') this.#duty(event.duty);
    else if (event.type === 'closed') this.#closed(event);
    // A finding that a majority does not share may be an honest one, and a plan may be a lie.
    else if (event.type === 'auditor' && (event.fault === 'readings' || event.fault === 'copied')) {
      this.faults.set(event.auditor, (this.faults.get(event.auditor) ?? 0) + 1);
    }
  }

  #subject(subject: Subject, rate: number, isAudited: boolean): void {
    const attempt = attemptOf(subject, this.#jobs);
    if (attempt === undefined || attempt.audited !== null) return;
    attempt.rate = rate;
    attempt.audit = isAudited ? 'open' : null;
    this.#become(attempt, subject);
  }

  #become(attempt: Attempt, subject: Subject): void {
    attempt.audited = subject.tokens;
    attempt.kind = subject.kind;
    if (subject.kind !== 'artifact') this.#standIn(attempt, subject);
    this.#signatures.compare(attempt);
  }

  /** What the other party signed stands in for an artifact that did not come. */
  #standIn(attempt: Attempt, { kind, tokens }: Subject): void {
    if (attempt.state !== 'open' || attempt.digested !== null) return;
    attempt.digested = tokens;
    if (kind === 'claim') attempt.acked = tokens;
    const { world } = this.#desk;
    const isLate = world.cut >= attempt.offered + world.rules.settleCuts;
    if (isLate) this.#jobs.expire(attempt);
    else this.#jobs.weigh(attempt);
  }

  #duty(duty: Duty): void {
    const { subject, auditor, state, panel, revealed, reveal } = duty;
    const { book } = this.#desk;
    if (state === 'missed') this.missed.set(auditor, (this.missed.get(auditor) ?? 0) + 1);
    if (state === 'revealed') {
      // Nor is it fined: who has the key or the transcript may have kept it from this auditor alone.
      if (isShown(duty)) this.done.set(auditor, (this.done.get(auditor) ?? 0) + 1);
      const isAlarm = revealed?.finding === 'trigger' || revealed?.finding === 'fraud';
      if (isAlarm) this.#against(book.member(subject.executor), subject.id, auditor, reveal);
    }
    if (panel && state === 'drawn') {
      const { panels } = book.member(subject.executor);
      if (!panels.includes(subject.id)) panels.push(subject.id);
    }
  }

  #against({ against }: Member, subject: Hex, auditor: Hex, place: Place | null): void {
    against.push({ subject, auditor, place });
    if (against.length > MOST_AGAINST) against.shift();
  }

  #closed({ subject, outcome }: Closed): void {
    const { book, world } = this.#desk;
    const member = book.member(subject.executor);
    world.emit({ type: 'verdict', subject: subject.id, outcome });
    member.closed++;
    if (outcome === 'inconclusive') member.inconclusive++;
    member.panels = member.panels.filter((id) => id !== subject.id);
    const isWithheld = outcome === 'withheld' && subject.kind !== 'settle';
    if (outcome === 'ok') member.okAt = world.cut;
    if (outcome === 'suspect' || isWithheld) {
      member.badAt = world.cut;
      member.account.verified = 0;
      if (outcome === 'suspect') member.suspectAt = world.cut;
    }
    member.clean = this.#executor(subject.executor)?.clean ?? member.clean;
    book.touch(member);
    this.judged.add(member);
    const attempt = attemptOf(subject, this.#jobs);
    if (attempt === undefined) return;
    // One that no beacon came for was never looked at.
    if (attempt.audited === null) this.#become(attempt, subject);
    attempt.audit = outcome;
    if (attempt.payment === null) return;
    // Nobody pays for what most of a panel objects to, whatever else comes of it.
    if (attempt.state === 'paid' && (isWithheld || outcome === 'suspect')) {
      this.#desk.refund(attempt);
      this.#jobs.agenda.set(attempt, world.cut + world.challengeCuts);
    } else if (attempt.due === null) this.#jobs.agenda.set(attempt, world.cut);
  }
}

/** An attempt may be offered once more, to another, when trust has forgotten it: that is not this one. */
function attemptOf({ job, attempt, executor, offer }: Subject, jobs: Jobs): Attempt | undefined {
  const found = jobs.get(job, attempt);
  return found?.executor === executor && found.offered === offer.cut ? found : undefined;
}

/** Whether money was held when an attempt was offered, whatever became of it since. */
export function isFunded(subject: Subject, jobs: Jobs, market: Market): boolean {
  const found = attemptOf(subject, jobs);
  if (found === undefined) return false;
  const { priceCap, promptTokens, resumeAt, most, profile } = found;
  const offer = { priceCap, promptTokens, resumeAt, maxTokens: resumeAt + most };
  return escrowFor(offer, market.get(profile)!) > 0;
}
