import type { Test as Tap } from 'tap';
import { auditedHomes, calibrated, sameRecord, trustOf } from '../lib/audited.ts';
import type { Bench, Cheat, Event, Node } from '../lib/nexus.ts';
import { call } from '../mesh/verifying.ts';

const ASK = ['run', 'Elizabeth walked home and thought', '-m', 'austen-3.7m', '-n', '40'];
const OVER = ['revealed', 'missed', 'withheld'];

/** Executors without a record yet: nothing speaks against them. */
const BLANK = { subjects: 0, audited: 0, clean: 0, suspect: 0, withheld: 0, proven: false };

/**
 * A mesh in which every answer is audited by three of four: the requester is its witness, three
 * nodes are honest executors and auditors, one lies as an auditor, and its friend as an executor.
 */
export class AuditedMesh {
  readonly #bench: Bench;
  readonly asker: Node;
  readonly honest: readonly Node[];
  readonly liar: Cheat;
  readonly friend: Cheat;

  private constructor(
    bench: Bench,
    asker: Node,
    honest: readonly Node[],
    [liar, friend]: readonly [Cheat, Cheat],
  ) {
    this.#bench = bench;
    this.asker = asker;
    this.honest = honest;
    this.liar = liar;
    this.friend = friend;
  }

  static async start(bench: Bench): Promise<AuditedMesh> {
    const bootstrap = await bench.dht();
    const rules = { auditors: 3, panel: 3, commitCuts: 40, revealCuts: 24 };
    const homes = await auditedHomes(bench, 6, 1, rules);
    const role = ['--role', 'executor,auditor'];
    const [asker, liar, friend, ...honest] = await Promise.all([
      bench.up(bootstrap, ['--role', 'requester,witness'], homes[0]),
      bench.cheat(bootstrap, role, homes[1]),
      bench.cheat(bootstrap, role, homes[2]),
      ...homes.slice(3).map((home) => bench.up(bootstrap, ['-m', 'austen-3.7m', ...role], home)),
    ]);
    for (const { key } of [liar, friend, ...honest]) {
      await asker.running.waitFor((e) => e.event === 'capability' && e.key === key);
    }
    await calibrated(honest[0]!, [asker]);
    const { epoch } = await asker.running.waitFor((e) => e.event === 'cut');
    await asker.running.waitFor((e) => e.event === 'cut' && e.epoch > epoch + 4, 60_000);
    const mesh = new AuditedMesh(bench, asker, honest, [liar, friend]);
    await mesh.#staffed();
    return mesh;
  }

  /** Asks until all stand in the cuts as auditors: of an answer before that there are too few. */
  async #staffed(): Promise<void> {
    for (let asked = 1;; asked++) {
      const job = await this.ask(this.worker);
      await this.until(async () => (await this.executor(this.worker)).subjects >= asked);
      const { audits } = await this.trust();
      if (audits.some((audit: Event) => audit.job === job)) return;
    }
  }

  /** An honest executor. */
  get worker(): Node {
    return this.honest[0]!;
  }

  /** Has an executor answer, whatever is known of it. @returns the job */
  async ask(executor: Node): Promise<string> {
    const { home } = this.asker;
    await call(home, 'forgive', { key: executor.key });
    const args = [...ASK, '--where', 'mesh', '--executor', executor.key, '--json'];
    const { code, stderr, events } = await this.#bench.run(args, home);
    const done = events.find((e) => e.event === 'done');
    if (code !== 0 || done?.executor !== executor.key) throw new Error(stderr);
    return done.job;
  }

  /** The duties of a job, once all of them are over, those of a panel included. */
  async audited(job: string): Promise<Event[]> {
    let duties: Event[] = [];
    await this.until(async () => {
      const { audits } = await this.trust();
      duties = audits.filter((audit: Event) => audit.job === job);
      const whole = !duties.some(isAlarm) || duties.some(({ panel }) => panel);
      return duties.length > 0 && whole && duties.every(({ state }) => OVER.includes(state));
    });
    return duties;
  }

  /** The same of an answer that the liar is drawn to audit: asks until there is one. */
  async judged(executor: Node): Promise<Event[]> {
    for (;;) {
      const duties = await this.audited(await this.ask(executor));
      if (duties.some(({ auditor }) => auditor === this.liar.key)) return duties;
    }
  }

  async trust(): Promise<Event> {
    return (await trustOf(this.asker))!;
  }

  async executor({ key }: Node): Promise<Event> {
    const { executors } = await this.trust();
    return executors.find((row: Event) => row.key === key) ?? { ...BLANK, key };
  }

  async auditor({ key }: Node): Promise<Event> {
    const { auditors } = await this.trust();
    return auditors.find((row: Event) => row.key === key);
  }

  sameRecord(t: Tap): Promise<void> {
    return sameRecord(t, [this.asker, this.liar, this.friend, ...this.honest]);
  }

  async until(holds: () => Promise<boolean>): Promise<void> {
    const limit = Date.now() + 90_000;
    while (!await holds()) {
      if (Date.now() > limit) {
        throw new Error(`it did not come to that:\n${JSON.stringify(await this.trust(), null, 1)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

export function isAlarm({ finding }: Event): boolean {
  return finding === 'trigger' || finding === 'fraud';
}
