import type {
  AuditorTrustRow,
  AuditRow,
  CheatRow,
  ExecutorTrustRow,
  TrustRows,
} from '../../node/control/mod.ts';

const LIMIT = Math.log(1000);
/** As many as a node tells of at most. */
const MOST = { audits: 200, keys: 256, history: 64 };
/** Audits that one cut brings. */
const DRAWN = 10;
/** Cuts of the past: enough for a proof. */
const PAST = 20;
const DETAIL = 'the tail \u001b[31mis too heavy\u202e 🦊 東京';

/** Audits that nobody did: one executor cheats, and is proven after some cuts. */
export class SyntheticTrust {
  readonly #random: () => number;
  readonly #self: string;
  readonly #executors: ExecutorTrustRow[];
  readonly #auditors: AuditorTrustRow[];
  readonly #cheats: CheatRow[] = [];
  #audits: AuditRow[] = [];
  #epoch = 0;

  /** @param random numbers from 0 to 1 */
  constructor(self: string, peers: readonly string[], random: () => number) {
    this.#random = random;
    this.#self = self;
    const keys = peers.slice(0, MOST.keys);
    this.#executors = keys.map((key) => ({
      key,
      subjects: 0,
      audited: 0,
      clean: 0,
      suspect: 0,
      withheld: 0,
      planted: 0,
      rate: 1,
      log: 0,
      history: [],
      limit: LIMIT,
      proven: false,
    }));
    const none = { owed: 0, done: 0, missed: 0, against: 0, copied: 0, canaries: 0, wrong: 0 };
    this.#auditors = [self, ...keys].slice(0, MOST.keys).map((key) => ({ key, ...none }));
    for (let i = 0; i < PAST && keys.length > 0; i++) this.cut();
  }

  /** As a node tells it; null where nobody is there. */
  rows(): TrustRows | null {
    const [own] = this.#auditors;
    if (this.#executors.length === 0) return null;
    return {
      epoch: this.#epoch,
      digest: this.#hash(),
      owed: own!.owed,
      done: own!.done,
      missed: own!.missed,
      audits: this.#audits,
      executors: this.#executors,
      auditors: this.#auditors,
      cheats: this.#cheats,
      proofs: null,
      note: null,
    };
  }

  /** One cut more: what was owed is done, some more is drawn, tests move. */
  cut(): void {
    this.#epoch++;
    for (const audit of this.#audits) if (audit.state === 'drawn') this.#close(audit);
    for (let i = 0; i < DRAWN; i++) this.#draw(i === 0 ? 0 : this.#below(this.#executors.length));
    this.#audits = this.#audits.slice(-MOST.audits);
    for (const [i, one] of this.#executors.entries()) this.#move(one, i === 0);
  }

  #draw(index: number): void {
    const executor = this.#executors[index]!;
    const auditor = this.#auditors[this.#below(this.#auditors.length)]!;
    executor.subjects += 1 + this.#below(3);
    auditor.owed++;
    this.#audits.push({
      subject: this.#hash(),
      job: this.#hash(),
      attempt: 0,
      executor: executor.key,
      auditor: auditor.key,
      own: auditor.key === this.#self,
      panel: this.#random() < 0.1,
      state: 'drawn',
      epoch: this.#epoch,
      due: this.#epoch + 2,
      finding: null,
      positions: null,
      mismatches: null,
      detail: '',
    });
  }

  #close(audit: AuditRow): void {
    const executor = this.#executors.find(({ key }) => key === audit.executor)!;
    const auditor = this.#auditors.find(({ key }) => key === audit.auditor)!;
    const cheats = executor === this.#executors[0], dice = this.#random();
    audit.due = null;
    auditor.owed--;
    if (dice < 0.03) {
      audit.state = 'missed';
      auditor.missed++;
    } else if (dice < 0.06) {
      audit.state = 'withheld';
      executor.withheld++;
      auditor.done++;
    } else {
      audit.state = 'revealed';
      audit.finding = cheats ? 'trigger' : 'ok';
      audit.positions = 64;
      audit.mismatches = cheats ? 9 : 0;
      audit.detail = cheats ? DETAIL : '';
      auditor.done++;
      executor.audited++;
      executor.clean = cheats ? 0 : executor.clean + 1;
      if (cheats) executor.suspect++;
    }
  }

  #move(one: ExecutorTrustRow, cheats: boolean): void {
    one.log = Math.min(2 * LIMIT, one.log + (cheats ? 2 : 0.1) * (this.#random() - 0.2));
    if (!cheats) one.log = Math.min(one.log, 1.5) - 0.02;
    one.history = [...one.history, { epoch: this.#epoch, log: one.log }].slice(-MOST.history);
    one.rate = Math.max(0.01, one.rate * 0.97);
    if (one.log < LIMIT || one.proven) return;
    one.proven = true;
    const against = this.#audits.filter(({ executor, finding }) =>
      executor === one.key && finding === 'trigger'
    );
    this.#cheats.push({
      executor: one.key,
      cause: 'lifetime',
      epoch: this.#epoch,
      log: one.log,
      subjects: against.map(({ subject }) => subject),
      detail: `${against.length} audited answers speak against it`,
    });
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #hash(): string {
    return Math.floor(this.#random() * 2 ** 32).toString(16).padStart(8, '0').repeat(8);
  }
}
