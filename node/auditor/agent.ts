import { fromHex, toHex } from '../../feeds/base/mod.ts';
import type { Cut } from '../../feeds/agreement/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { encodeRecord, type LogName, type LogRecord } from '../../feeds/records/mod.ts';
import type { DutyState, Hex, TrustEvent, TrustFold } from '../../feeds/trust/mod.ts';
import type { AuditDeps } from './deps.ts';
import type { BeaconChains } from '../witness/mod.ts';
import { AuditFollower, type AuditState } from './follower.ts';
import type { Identities } from './identities.ts';
import type { OwnEntries } from './own.ts';
import { type Action, plan } from './plan.ts';
import type { Stall } from './reading.ts';
import { sealKey } from './seal.ts';
import { AuditWorker } from './worker.ts';

const OVER: ReadonlySet<DutyState> = new Set<DutyState>(['withheld', 'revealed', 'missed']);

export interface AgentOptions {
  deps: AuditDeps;
  feeds: Pick<Feeds, 'follow' | 'holds' | 'read' | 'update' | 'identity'>;
  cuts: AsyncIterable<Cut>;
  /** Where it goes on, and the newest cut there. */
  from?: (AuditState & { cut: Cut }) | undefined;
  /** A witness's, as the cuts cover them. */
  chains?: BeaconChains | undefined;
  fold: TrustFold;
  /** Folds a cut, with whatever else follows from it; default: the fold alone. */
  take?: TrustFold['takeCut'];
  /** A cut was folded. */
  onCut: (cut: Cut, events: readonly TrustEvent[]) => void;
  /** All cuts that are known are folded. */
  onSettled: () => void;
  onStall: (stall: Stall | null) => void;
  onError: (thrown: unknown) => void;
  signal: AbortSignal;
}

/** Follows the cuts of a network, and does in it what this node owes. */
export class AuditAgent {
  readonly #options: AgentOptions;
  readonly #follower: AuditFollower;
  readonly #worker: AuditWorker;
  readonly #me: Hex;

  constructor(options: AgentOptions) {
    const { deps, feeds, cuts, fold, take, onCut, onStall, onError, signal } = options;
    this.#options = options;
    this.#me = toHex(deps.me);
    this.#follower = new AuditFollower({
      feeds,
      cuts,
      ...(options.from === undefined ? {} : { from: options.from }),
      chains: options.chains,
      fold: take === undefined ? fold : { takeCut: take },
      onCut,
      onStall,
      onSettled: (cut) => this.#act(cut),
      signal,
    });
    const { identities, own } = this.#follower;
    this.#worker = new AuditWorker({ deps, identities, own, onError, signal });
  }

  /** What this node has logged itself. */
  get own(): Pick<OwnEntries, 'get' | 'vouches' | 'shown' | 'rooted' | 'proven'> {
    return this.#follower.own;
  }

  /** Whose logs the cuts cover. */
  get identities(): Pick<Identities, 'writerOf'> {
    return this.#follower.identities;
  }

  /** For {@link AgentOptions.from}. */
  state(): AuditState {
    return this.#follower.state();
  }

  /** Audits that wait or are in work. */
  get waiting(): number {
    return this.#worker.waiting;
  }

  /** Runs until the signal aborts. @throws what keeps it from folding on */
  run(): Promise<void> {
    return this.#follower.run();
  }

  async #act({ epoch }: Cut): Promise<void> {
    const { deps, fold, onSettled, onError } = this.#options;
    const { own } = this.#follower;
    onSettled();
    const actions = plan({
      me: this.#me,
      epoch,
      owed: fold.owedBy(this.#me),
      toOpen: fold.toOpen(this.#me),
      own,
      drafts: deps.drafts,
      holdsKey: (job, attempt) => deps.payloads.keyOf(job, attempt) !== null,
    });
    const audits = actions.flatMap((action) => action.do === 'audit' ? [action.duty] : []);
    this.#worker.assign(audits, epoch);
    try {
      await this.#log(actions);
      await this.#sweep();
    } catch (thrown) {
      // The next cut is another chance.
      onError(thrown);
    }
  }

  async #log(actions: readonly Action[]): Promise<void> {
    const logs: Record<LogName, LogRecord[]> = { attestations: [], artifacts: [], jobs: [] };
    for (const action of actions) {
      const record = this.#recordOf(action);
      if (record !== null) logs[action.do === 'open' ? action.log : 'attestations'].push(record);
    }
    for (const log of Object.keys(logs) as LogName[]) {
      const records = logs[log];
      if (records.length === 0) continue;
      const { index } = await this.#options.deps.append(log, records.map(encodeRecord));
      records.forEach((record, i) => this.#follower.own.take(record, index + i));
    }
  }

  #recordOf(action: Action): LogRecord | null {
    const { deps } = this.#options;
    const { network, secret, payloads, random } = deps;
    const { id, job, attempt } = action.duty.subject;
    const about = { subject: fromHex(id, 32), job: fromHex(job, 32), attempt, at: deps.now() };
    switch (action.do) {
      case 'request':
        return { type: 'request', network, ...about };
      case 'open': {
        const key = payloads.keyOf(job, attempt);
        const auditor = this.#follower.identities.get(action.duty.auditor);
        if (key === null || auditor === null) return null;
        const sealed = sealKey(key, auditor.box, secret, random);
        return { type: 'open', ...about, auditor: auditor.publicKey, sealed };
      }
      case 'reveal':
        return { ...action.draft, commit: action.duty.commit!.index };
      case 'audit':
        return null;
    }
  }

  /** Drafts that nobody waits for any more. */
  async #sweep(): Promise<void> {
    const { deps: { drafts }, fold } = this.#options;
    for (const subject of drafts.subjects) {
      const duties = fold.dutiesOf(subject).filter(({ auditor }) => auditor === this.#me);
      // Of what is not known here, or not yet, at least the reveal must stand in the log.
      const over = duties.length > 0
        ? duties.every(({ state }) => OVER.has(state))
        : this.#follower.own.get(subject).revealed;
      if (over) await drafts.drop(subject);
    }
  }
}
