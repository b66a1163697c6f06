import { asNexusError } from '../../feeds/base/mod.ts';
import {
  encodeRecord,
  verdictCommitment,
  type VerdictRevealRecord,
} from '../../feeds/records/mod.ts';
import type { Duty, Hex } from '../../feeds/trust/mod.ts';
import type { Carry } from '../audit/mod.ts';
import type { AuditDeps } from './deps.ts';
import type { Identities } from './identities.ts';
import { type Carried, inconclusive, investigate } from './investigate.ts';
import type { OwnEntries } from './own.ts';

/** Open sums that are remembered: losing one costs tokens, nothing else. */
const MAX_CARRIED = 1024;

export interface WorkerOptions {
  deps: AuditDeps;
  identities: Identities;
  own: OwnEntries;
  /** Something went wrong that is not the duty's fault. */
  onError: (thrown: unknown) => void;
  signal: AbortSignal;
}

/** Does the audits of a node: one at a time, the most urgent first. */
export class AuditWorker {
  readonly #options: WorkerOptions;
  readonly #carried = new Map<string, Carry>();
  /** Why the last try did not come to a verdict. */
  readonly #failed = new Map<Hex, string>();
  #queue: Duty[] = [];
  #epoch = -1;
  #current: { duty: Duty; late: AbortController; over: boolean } | null = null;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Duties that wait or are in work. */
  get waiting(): number {
    return this.#queue.length + (this.#current === null ? 0 : 1);
  }

  /**
   * What is to be done now, most urgent first; takes the place of what was said before. Each duty is
   * tried once a call.
   * @param epoch of the newest cut
   */
  assign(duties: readonly Duty[], epoch: number): void {
    this.#epoch = epoch;
    const open = new Set(duties.map(({ subject }) => subject.id));
    for (const subject of this.#failed.keys()) if (!open.has(subject)) this.#failed.delete(subject);
    const current = this.#current;
    if (current !== null) {
      current.over = !open.has(current.duty.subject.id);
      if (current.over || this.#isLast(current.duty)) current.late.abort();
    }
    this.#queue = duties.filter(({ subject }) => subject.id !== current?.duty.subject.id);
    if (current === null) this.#run().catch(this.#options.onError);
  }

  async #run(): Promise<void> {
    const { signal, onError } = this.#options;
    for (let duty = this.#queue.shift(); duty !== undefined; duty = this.#queue.shift()) {
      if (signal.aborted) return;
      this.#current = { duty, late: new AbortController(), over: false };
      try {
        const draft = await this.#verdict(duty, this.#current.late.signal);
        if (draft !== null) await this.#commit(draft);
      } catch (thrown) {
        if (!signal.aborted) onError(thrown);
      } finally {
        this.#current = null;
      }
    }
  }

  /** Null where another try may help, and there is time for one. */
  async #verdict(duty: Duty, late: AbortSignal): Promise<VerdictRevealRecord | null> {
    const { deps, identities, signal } = this.#options;
    const { id } = duty.subject;
    const before = this.#failed.get(id);
    // Something said in time is worth more than nothing; who is silent misses its duty.
    if (before !== undefined && this.#isLast(duty)) return inconclusive(duty, before, deps);
    const carried: Carried = {
      get: (key) => this.#carried.get(key) ?? null,
      set: (key, carry) => this.#carry(key, carry),
    };
    try {
      const both = AbortSignal.any([signal, late]);
      return await investigate(duty, deps, { identities, carried }, both);
    } catch (thrown) {
      signal.throwIfAborted();
      if (this.#current?.over) return null;
      const code = late.aborted ? 'LATE' : asNexusError(thrown, 'AUDIT_FAILED').code;
      this.#failed.set(id, code);
      return this.#isLast(duty) ? inconclusive(duty, code, deps) : null;
    }
  }

  /** On disk before it is in the log: a commitment that cannot be opened is a duty missed. */
  async #commit(draft: VerdictRevealRecord): Promise<void> {
    const { deps, own } = this.#options;
    const { network, subject } = draft;
    await deps.drafts.keep(draft);
    const record = {
      type: 'verdictCommit' as const,
      network,
      subject,
      value: verdictCommitment(deps.me, draft),
      at: deps.now(),
    };
    const { index } = await deps.append('attestations', [encodeRecord(record)]);
    own.take(record, index);
  }

  /**
   * No time for another try after this one: what is said then must still stand in a cut in time, on a
   * slow machine, too. A duty has at least the cut after its key.
   */
  #isLast({ due, open }: Duty): boolean {
    const kept = Math.max(1, Math.floor((due! - open!.cut) / 4));
    return this.#epoch >= Math.max(due! - kept, open!.cut + 1);
  }

  #carry(key: string, carry: Carry | null): void {
    this.#carried.delete(key);
    if (carry === null) return;
    this.#carried.set(key, carry);
    if (this.#carried.size > MAX_CARRIED) {
      this.#carried.delete(this.#carried.keys().next().value!);
    }
  }
}
