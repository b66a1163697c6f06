import { fromHex, toHex } from '../base/mod.ts';
import {
  ackMessage,
  type ArtifactRecord,
  type ClaimRecord,
  digestMessage,
  type JobRecord,
  type SettleRecord,
  type VerifyFunction,
} from '../records/mod.ts';
import { type Attempt, attemptOf } from './attempt.ts';
import { entryHash, isOwnJob, type Known } from './logs.ts';
import type { Hex, Subject } from './types.ts';
import type { World } from './world.ts';

/** Entries of one executor that may wait for the job that they speak of, and of all. */
const MOST_ORPHANS = 4096;
const MOST_ORPHANS_OF_ALL = 262_144;

type Orphan = Known<ArtifactRecord> | Known<ClaimRecord>;

/** What {@link Subjects} knows. */
export interface SubjectsState {
  attempts: Map<string, Attempt>;
  orphans: Map<string, Orphan[]>;
  orphansOf: Map<Hex, number>;
  standing: Set<Attempt>;
}

/** Folds jobs, artifacts, settlements and claims into what is to be audited: one subject an attempt. */
export class Subjects {
  readonly #verify: VerifyFunction;
  readonly #classOf: (executor: Hex, profile: Hex) => Hex | null;
  readonly #mostOrphans: number;
  #attempts = new Map<string, Attempt>();
  #orphans = new Map<string, Orphan[]>();
  #orphansOf = new Map<Hex, number>();
  #orphanCount = 0;
  /** Attempts that have no artifact yet, but a settlement or claim. */
  #standing = new Set<Attempt>();
  #found: { subject: Subject; attempt: Attempt }[] = [];

  constructor(
    verify: VerifyFunction,
    classOf: (executor: Hex, profile: Hex) => Hex | null,
    mostOrphans = MOST_ORPHANS_OF_ALL,
  ) {
    this.#verify = verify;
    this.#classOf = classOf;
    this.#mostOrphans = mostOrphans;
  }

  state(): SubjectsState {
    return {
      attempts: this.#attempts,
      orphans: this.#orphans,
      orphansOf: this.#orphansOf,
      standing: this.#standing,
    };
  }

  load({ attempts, orphans, orphansOf, standing }: SubjectsState): void {
    this.#attempts = attempts;
    this.#orphans = orphans;
    this.#orphansOf = orphansOf;
    this.#orphanCount = 0;
    for (const count of orphansOf.values()) this.#orphanCount += count;
    this.#standing = standing;
  }

  attempt(job: Hex, attempt: number): Attempt | undefined {
    return this.#attempts.get(`${job}:${attempt}`);
  }

  /** Takes the entries about work of one cut; `job` entries first. */
  take(entries: readonly Known[], world: World): void {
    for (const entry of entries) {
      if (entry.record.type === 'job') this.#job(entry as Known<JobRecord>, world);
    }
    for (const entry of entries) {
      const { type } = entry.record;
      if (type === 'artifact' || type === 'claim') this.#work(entry as Orphan, world);
      else if (type === 'settle') this.#settle(entry as Known<SettleRecord>, world);
    }
  }

  /** The subjects that are new with this cut. Settlements of it wait one cut for an artifact. */
  async conclude(world: World): Promise<{ subject: Subject; attempt: Attempt }[]> {
    for (const attempt of this.#standing) await this.#stand(attempt, world);
    this.#forget(world);
    const found = this.#found;
    this.#found = [];
    return found.sort((a, b) => a.subject.id < b.subject.id ? -1 : 1);
  }

  #job(entry: Known<JobRecord>, world: World): void {
    const { place, record } = entry;
    const { job, attempt, sampling } = record;
    if (!isOwnJob(entry)) {
      return world.refuse('job', place, 'it is of another requester, or its id is wrong');
    }
    const key = `${toHex(job)}:${attempt}`;
    if (this.#attempts.has(key)) return world.refuse('duplicate', place, 'the attempt is known');
    if (sampling.maxTokens > world.rules.maxTokens) {
      return world.refuse('job', place, `more than ${world.rules.maxTokens} tokens`);
    }
    this.#attempts.set(key, attemptOf(entry));
    const waiting = this.#orphans.get(key) ?? [];
    this.#orphans.delete(key);
    for (const work of waiting) {
      this.#count(work.owner, -1);
      this.#work(work, world);
    }
  }

  #work(entry: Orphan, world: World): void {
    const { record, owner, place } = entry;
    const key = `${toHex(record.job)}:${record.attempt}`;
    const attempt = this.#attempts.get(key);
    if (attempt === undefined) {
      const own = this.#orphansOf.get(owner) ?? 0;
      if (own >= MOST_ORPHANS || this.#orphanCount >= this.#mostOrphans) {
        const whose = own >= MOST_ORPHANS ? 'of its author ' : '';
        return world.refuse('subject', place, `too many entries ${whose}wait for their jobs`);
      }
      this.#count(owner, 1);
      const waiting = this.#orphans.get(key);
      if (waiting === undefined) this.#orphans.set(key, [entry]);
      else waiting.push(entry);
    } else if (attempt.executor !== owner) {
      world.refuse('subject', place, 'the job was offered to another executor');
    } else if (attempt.subject !== null) {
      world.refuse('subject-late', place, 'the attempt is audited, or will be, by another entry');
    } else if (record.type === 'claim') {
      attempt.claim ??= entry as Known<ClaimRecord>;
      this.#standing.add(attempt);
    } else {
      this.#artifact(entry as Known<ArtifactRecord>, attempt, world);
    }
  }

  #artifact(entry: Known<ArtifactRecord>, attempt: Attempt, world: World): void {
    const { record, owner, place } = entry;
    const fault = toHex(record.executor) !== owner
      ? 'it names another executor than its author'
      : toHex(record.offer) !== attempt.hash
      ? 'it answers another offer than the one logged'
      : record.resumeAt !== attempt.resumeAt || record.resumeAt + record.tokens > attempt.maxTokens
      ? 'its counts are not those of the job'
      : null;
    if (fault !== null) return world.refuse('subject', place, fault);
    this.#become(entry, attempt, record.tokens, toHex(record.class));
  }

  #settle(entry: Known<SettleRecord>, world: World): void {
    const { record, owner, place } = entry;
    const attempt = this.attempt(toHex(record.job), record.attempt);
    if (attempt === undefined || attempt.requester !== owner) {
      return world.refuse('subject', place, 'its author logged no such job');
    }
    if (record.digest === null || attempt.settle !== null || attempt.subject !== null) return;
    attempt.settle = entry;
    this.#standing.add(attempt);
  }

  async #stand(attempt: Attempt, world: World): Promise<void> {
    if (attempt.subject !== null) {
      this.#standing.delete(attempt);
      return;
    }
    const { settle, claim } = attempt;
    if (settle !== null && settle.place.cut < world.cut) {
      attempt.settle = null;
      const digest = settle.record.digest!;
      const { tokens, signature } = digest;
      const message = digestMessage(fromHex(attempt.hash), tokens, digest.digest);
      await this.#instead(settle, attempt, tokens, attempt.executorKey, message, signature, world);
    } else if (claim !== null && claim.place.cut < world.cut) {
      attempt.claim = null;
      const { tokens, signature } = claim.record.ack;
      const message = ackMessage(claim.record.job, attempt.attempt, tokens);
      await this.#instead(claim, attempt, tokens, attempt.requesterKey, message, signature, world);
    }
    const isDone = attempt.settle === null && attempt.claim === null;
    if (attempt.subject !== null || isDone) this.#standing.delete(attempt);
  }

  /** What the other party signed stands in for the artifact. */
  async #instead(
    entry: Known,
    attempt: Attempt,
    tokens: number,
    key: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
    world: World,
  ): Promise<void> {
    if (attempt.resumeAt + tokens > attempt.maxTokens) {
      return world.refuse('subject', entry.place, 'its counts are not those of the job');
    }
    if (!await this.#verify(key, message, signature)) {
      return world.refuse('subject', entry.place, 'the other party has not signed that');
    }
    const kind = this.#classOf(attempt.executor, attempt.profile);
    this.#become(entry, attempt, tokens, kind);
  }

  #become(entry: Known, attempt: Attempt, tokens: number, kind: Hex | null): void {
    const id = entryHash(entry);
    attempt.subject = id;
    const { offer, job, requester, executor, profile } = attempt;
    // Nothing to be checked, but nothing else may come for this attempt either. What a node does for
    // itself is nobody's to read, and counts for nothing.
    if (tokens === 0 || requester === executor) return;
    const subject: Subject = {
      id,
      kind: entry.record.type as Subject['kind'],
      place: entry.place,
      offer,
      job,
      attempt: attempt.attempt,
      requester,
      executor,
      profile,
      class: kind,
      tokens,
    };
    this.#found.push({ subject, attempt });
  }

  #count(owner: Hex, by: number): void {
    const count = (this.#orphansOf.get(owner) ?? 0) + by;
    this.#orphanCount += by;
    if (count === 0) this.#orphansOf.delete(owner);
    else this.#orphansOf.set(owner, count);
  }

  /** What is older than the window in which an answer can be audited at all. */
  #forget(world: World): void {
    const oldest = world.cut - 2 * world.rules.challengeCuts;
    for (const [key, attempt] of this.#attempts) {
      // In the order of their cuts.
      if (attempt.offer.cut >= oldest) break;
      this.#attempts.delete(key);
      this.#standing.delete(attempt);
    }
    for (const [key, entries] of this.#orphans) {
      // In the order of their cuts: what came later for a key of old ones stands behind.
      if (entries[0]!.place.cut >= oldest) break;
      this.#orphans.delete(key);
      const rest = entries.filter(({ place }) => place.cut >= oldest);
      if (rest.length > 0) this.#orphans.set(key, rest);
      for (const { owner, place } of entries) {
        if (place.cut >= oldest) continue;
        this.#count(owner, -1);
        world.refuse('subject', place, 'its job was never logged');
      }
    }
  }
}
