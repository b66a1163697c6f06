import type { NodeEvent, VerdictRow } from '../control/mod.ts';
import { Checking, type CheckingOptions } from './checking.ts';
import type { Distrust } from './distrust.ts';
import type { RunEvent } from './runner.ts';
import { idOf } from './serving.ts';
import type { VerdictBook } from './verdicts.ts';
import { type Answered, Verifying, type VerifyingOptions } from './verifying.ts';

export interface ChecksOptions
  extends CheckingOptions, Pick<VerifyingOptions, 'directory' | 'feeds'> {
  distrust: Distrust;
  verdicts: VerdictBook;
}

/** What this node finds out about answers, and what follows from it for its own prompts. */
export class Checks {
  readonly distrust: Distrust;
  readonly verdicts: VerdictBook;
  readonly checking: Checking;
  readonly #options: ChecksOptions;
  readonly #verifying: Verifying;

  constructor(options: ChecksOptions) {
    const { banned, distrust, verdicts, bus, serving } = options;
    this.#options = options;
    this.distrust = distrust;
    this.verdicts = verdicts;
    this.checking = new Checking(options);
    this.#verifying = new Verifying({
      ...options,
      checking: this.checking,
      ready: async (model, signal) => {
        if (model.state === 'ready') await serving.load(model, signal);
        return serving.get(idOf(model)) !== undefined;
      },
      avoided: (peer) => banned(peer) || distrust.of(peer) !== null,
      found: (verdict) => this.#found(verdict),
    });
    bus.on((event) => void this.#heard(event).catch(() => {}));
  }

  verify(answered: Answered, signal: AbortSignal): AsyncGenerator<RunEvent, void, void> {
    return this.#verifying.verify(answered, signal);
  }

  /** Why an executor is not asked now, for people; null where it is. */
  why(executor: Uint8Array): string | null {
    const row = this.distrust.of(executor);
    if (row === null) return null;
    const until = row.until === null ? '' : ` until ${new Date(row.until).toISOString()}`;
    const start = row.key.slice(0, 8);
    return `avoided${until}: ${row.detail} (to ask it again: nexus peers forgive ${start})`;
  }

  async #found(verdict: VerdictRow): Promise<void> {
    await this.verdicts.add(verdict);
    const { finding, executor, job, auditor, by, mismatches, positions } = verdict;
    if (finding !== 'trigger' && finding !== 'fraud') return;
    const who = by === 'self' ? 'this node' : auditor?.slice(0, 8) ?? 'nobody';
    // What another node says proves nothing: it may lie too. Contradictions in what the executor
    // signed are proof for whoever finds them.
    const proven = by === 'self' && finding === 'fraud';
    const detail = `${who} objected to an answer: ${mismatches} of ${positions} tokens differ`;
    const cause = proven ? 'contradiction' : 'trigger';
    const row = await this.distrust.add(executor, { cause, detail, job, proven });
    this.#options.bus.emit('distrusted', { ...row });
  }

  /** What the network's own audits say of this node's jobs, and of its peers. */
  async #heard(event: NodeEvent): Promise<void> {
    if (event.event === 'cheat-proven') {
      const { executor, cause, detail } = event as unknown as Record<string, string>;
      const evidence = { cause: cause!, detail: detail!, job: null, proven: true };
      const row = await this.distrust.add(executor!, evidence);
      this.#options.bus.emit('distrusted', { ...row });
    }
    if (event.event === 'proof-refused' && event.mine === true) {
      const { executor, detail, job } = event as unknown as Record<string, string>;
      // What it logged does not go with what it answered: both are its own.
      const evidence = { cause: 'proof', detail: detail!, job: job!, proven: true };
      const row = await this.distrust.add(executor!, evidence);
      this.#options.bus.emit('distrusted', { ...row });
    }
    if (event.event === 'audit-closed' && event.mine === true) return await this.#closed(event);
    if (event.event !== 'audit-verdict' || event.mine !== true) return;
    const { job, attempt, executor, auditor, finding, positions, mismatches } = event as
      & NodeEvent
      & VerdictRow;
    await this.verdicts.add({
      job,
      attempt,
      executor,
      auditor,
      by: 'network',
      finding,
      why: null,
      positions: positions ?? 0,
      mismatches: mismatches ?? 0,
      class: null,
      exact: false,
      reasons: [],
      ms: null,
      at: event.at,
    });
  }

  /** An audit in which nobody could say anything is told as such. */
  async #closed(event: NodeEvent): Promise<void> {
    const { job, attempt, executor, outcome, reason } = event as NodeEvent & VerdictRow & {
      outcome: string;
      reason: string;
    };
    const why = outcome === 'withheld'
      ? 'withheld'
      : reason === 'too few auditors'
      ? 'too-few-auditors'
      : null;
    if (why === null) return;
    await this.verdicts.add({
      job,
      attempt,
      executor,
      auditor: null,
      by: 'network',
      finding: 'inconclusive',
      why,
      positions: 0,
      mismatches: 0,
      class: null,
      exact: false,
      reasons: [],
      ms: null,
      at: event.at,
    });
  }
}
