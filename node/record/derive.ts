import { toHex } from '../../feeds/base/mod.ts';
import type { JobRecord, LogRecord, SettleRecord } from '../../feeds/records/mod.ts';
import type { NodeEvent } from '../control/mod.ts';

/** Jobs of which the end has not come; older ones are forgotten. */
const MAX_OPEN = 10_000;
const MAX_NAMES = 4096;
/** A failed attempt is the last one if no other follows within this. */
const FOLLOWS_MS = 10_000;

interface Job {
  id: string;
  startedAt: number;
  /** Of the newest attempt. */
  record: JobRecord;
  attemptAt: number;
  firstTokenMs: number | null;
  /** When the newest attempt was settled as failed. */
  failedAt: number | null;
}

/**
 * Tells from log entries what the nodes that wrote them told when it happened, as far as the logs
 * hold it: which executor, how many tokens, how fast, what came after a loss; not why it was chosen.
 */
export class Retelling {
  readonly #jobs = new Map<string, Job>();
  readonly #models = new Map<string, string>();

  /** Events that follow from an entry, in order. */
  take(record: LogRecord, at: number): NodeEvent[] {
    const before = this.#ended(at - FOLLOWS_MS, at);
    switch (record.type) {
      case 'capability':
        for (const { profile, name } of record.offerings) {
          if (this.#models.size < MAX_NAMES) this.#models.set(toHex(profile), name);
        }
        return before;
      case 'job':
        return [...before, ...this.#offered(record, at)];
      case 'settle':
        return [...before, ...this.#settled(record, at)];
      default:
        return before;
    }
  }

  /** What is known at the end of the logs. */
  end(at: number): NodeEvent[] {
    return this.#ended(at, at);
  }

  #offered(record: JobRecord, at: number): NodeEvent[] {
    const id = toHex(record.job), executor = toHex(record.executor);
    const requester = toHex(record.requester), profile = toHex(record.profile);
    const model = this.#models.get(profile) ?? profile.slice(0, 16);
    const known = this.#jobs.get(id);
    const route = {
      event: 'run-route',
      at,
      job: id,
      attempt: record.attempt,
      executor,
      where: executor === requester ? 'local' : 'mesh',
      chance: null,
      reasons: [],
      candidates: [],
      requester,
    };
    if (known === undefined) {
      this.#open({ id, startedAt: at, record, attemptAt: at, firstTokenMs: null, failedAt: null });
      return [{ event: 'run-model', at, job: id, model, profile, title: model }, route];
    }
    const from = toHex(known.record.executor);
    if (record.attempt <= known.record.attempt) return [];
    this.#jobs.set(id, { ...known, record, attemptAt: at, failedAt: null });
    const tokens = record.resumeAt;
    return [{ event: 'run-failover', at, job: id, from, to: executor, cause: null, tokens }, route];
  }

  #settled(settle: SettleRecord, at: number): NodeEvent[] {
    const job = this.#jobs.get(toHex(settle.job));
    if (job === undefined) return [];
    const { record } = job;
    if (settle.tokens > 0 && settle.attempt === record.attempt) {
      job.firstTokenMs ??= job.attemptAt - job.startedAt + settle.firstTokenMs;
    }
    if (settle.attempt !== record.attempt) return [];
    if (settle.outcome === 'failed') {
      job.failedAt = at;
      return [];
    }
    this.#jobs.delete(job.id);
    const outputTokens = record.resumeAt + settle.tokens;
    const totalMs = job.attemptAt - job.startedAt + settle.totalMs;
    const decoding = settle.totalMs - settle.firstTokenMs;
    const profile = toHex(record.profile);
    return [{
      event: 'run-done',
      at,
      job: job.id,
      text: null,
      finish: settle.finish,
      model: this.#models.get(profile) ?? profile.slice(0, 16),
      promptTokens: record.promptTokens,
      outputTokens,
      executor: toHex(settle.executor),
      attempts: record.attempt + 1,
      firstTokenMs: job.firstTokenMs,
      totalMs,
      tokensPerSecond: settle.tokens > 1 && decoding > 0
        ? (settle.tokens - 1) * 1000 / decoding
        : null,
      receipt: null,
      warnings: [],
    }];
  }

  /** Jobs whose last attempt had failed at that time. */
  #ended(until: number, at: number): NodeEvent[] {
    const events: NodeEvent[] = [];
    for (const { id, failedAt } of this.#jobs.values()) {
      if (failedAt === null || failedAt > until) continue;
      this.#jobs.delete(id);
      const message = 'the last attempt failed, and no other followed';
      events.push({ event: 'run-failed', at, job: id, code: 'ATTEMPT_FAILED', message });
    }
    return events;
  }

  #open(job: Job): void {
    this.#jobs.set(job.id, job);
    if (this.#jobs.size > MAX_OPEN) this.#jobs.delete(this.#jobs.keys().next().value!);
  }
}
