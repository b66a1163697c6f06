import { asNexusError, fromHex, NexusError, sleep, toHex } from '../../feeds/base/mod.ts';
import type { PrintDuty } from '../../feeds/fingerprints/mod.ts';
import type { ChallengeRow, ChallengeState } from '../control/mod.ts';
import type { Challenged, ChallengeStep, Order } from './challenge.ts';
import { beginAfter, type ProbePolicy } from './schedule.ts';

/** Challenges that are remembered for dashboards. */
const MOST_ROWS = 64;
/** Plans that are paid for one duty: more of them would be bought by answers that are never right. */
const MOST_PAID = 2;
/** What timers can hold, milliseconds. */
const MOST_MS = 2 ** 31 - 1;

/** A duty, and how it stands to the others of its draw. */
export interface Owed {
  duty: PrintDuty;
  /** Of this node among those drawn, from 0, and how many they are. */
  place: number;
  challengers: number;
}

export interface ChallengerDeps {
  policy: ProbePolicy;
  /** Length of an epoch, milliseconds. */
  epochMs: number;
  /** Why nothing can be measured by this node now, for people; null where it can. */
  busy: (order: Order) => string | null;
  /** Makes one challenge. @throws {NexusError} where it could not even begin */
  challenge: (
    order: Order,
    onStep: (step: ChallengeStep) => void,
    signal: AbortSignal,
  ) => Promise<Challenged>;
  /** Logs and keeps what a drawn challenge gave. */
  log: (challenged: Challenged) => Promise<void>;
  /** @param isNew it is in another state than before */
  onChange: (row: ChallengeRow, isNew: boolean) => void;
  random: () => number;
  /** Monotonic milliseconds. */
  tick: () => number;
  now: () => number;
}

interface Waiting {
  order: Order;
  /** Monotonic milliseconds. */
  beginAt: number;
  due: number;
  /** Plans of which answers came, and were paid. */
  paid: number;
  row: ChallengeRow;
}

/** Makes challenges, one at a time: those that the beacon drew, in their time, and those asked for here. */
export class Challenger implements AsyncDisposable {
  readonly #deps: ChallengerDeps;
  readonly #waiting = new Map<string, Waiting>();
  readonly #rows = new Map<string, ChallengeRow>();
  readonly #stop = new AbortController();
  /** Duties that were met or given up. */
  readonly #over = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();
  #loop: Promise<void> | null = null;

  constructor(deps: ChallengerDeps) {
    this.#deps = deps;
  }

  /** Newest last. */
  get rows(): ChallengeRow[] {
    return [...this.#rows.values()];
  }

  /** What this node owes as of the newest cut. */
  settled(epoch: number, owed: readonly Owed[]): void {
    const { tick, epochMs, random } = this.#deps, now = tick();
    const keys = new Set(owed.map(({ duty }) => keyOf(duty)));
    for (const [key, { row }] of this.#waiting) {
      if (keys.has(key)) continue;
      this.#waiting.delete(key);
      if (row.state === 'drawn' || row.state === 'waiting') {
        this.#tell(key, row, 'failed', 'too late');
      }
    }
    for (const { duty, place, challengers } of owed) {
      const key = keyOf(duty);
      if (this.#waiting.has(key) || this.#over.has(key)) continue;
      const windowMs = Math.max(0, duty.due - epoch - 1) * epochMs;
      const order = {
        executor: fromHex(duty.executor, 32),
        profile: fromHex(duty.profile, 32),
        drawn: { beacon: duty.beacon, draw: fromHex(duty.draw, 32) },
      };
      const beginAt = now + beginAfter(place, challengers, windowMs, random());
      const row = this.#row(order);
      this.#waiting.set(key, { order, beginAt, due: now + windowMs, paid: 0, row });
      this.#tell(key, row, 'drawn', '');
    }
    if (this.#waiting.size > 0) this.#loop ??= this.#run().finally(() => this.#loop = null);
  }

  /** A challenge that somebody here asks for: it waits for the one that is being made. */
  async ask(
    order: Order,
    onStep: (step: ChallengeStep) => void,
    signal: AbortSignal,
  ): Promise<Challenged> {
    const row = this.#row(order), key = `hand:${row.executor}:${row.profile}`;
    const both = AbortSignal.any([signal, this.#stop.signal]);
    return await this.#alone(async () => {
      const result = await this.#make(key, row, order, onStep, both);
      this.#tell(key, row, 'logged', 'by hand: shown, not logged');
      return result;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#last.catch(() => {});
  }

  async #run(): Promise<void> {
    const { tick, busy, policy } = this.#deps, { signal } = this.#stop;
    while (!signal.aborted && this.#waiting.size > 0) {
      const next = [...this.#waiting].sort(([, a], [, b]) => a.beginAt - b.beginAt)[0]!;
      const [key, waiting] = next;
      const ms = waiting.beginAt - tick();
      if (ms > 0) {
        // Cuts may bring others, or take this one away.
        await sleep(Math.min(ms, policy.againMs), signal);
        continue;
      }
      const why = busy(waiting.order);
      if (why !== null && tick() < waiting.due) {
        this.#tell(key, waiting.row, 'waiting', why);
        waiting.beginAt = tick() + policy.againMs;
        continue;
      }
      await this.#alone(() => this.#do(key, waiting));
    }
  }

  async #do(key: string, waiting: Waiting): Promise<void> {
    const { tick, log, policy, epochMs } = this.#deps;
    const { order, due, row } = waiting, { signal } = this.#stop;
    // When the last cut closes in which it counts: whoever drags it out holds up all other duties.
    const leftMs = Math.min(MOST_MS, Math.max(0, Math.ceil(due + epochMs - tick())));
    const deadline = AbortSignal.timeout(leftMs);
    try {
      const both = AbortSignal.any([signal, deadline]);
      const challenged = await this.#make(key, row, order, () => {}, both);
      const { record: { runs }, transcript: { jobs }, failure } = challenged;
      if (jobs.some(({ artifact }) => artifact !== null)) waiting.paid++;
      const isEarly = tick() + policy.againMs < due && this.#waiting.has(key);
      if (runs === 0 && isEarly && waiting.paid < MOST_PAID) {
        // A verdict of "no answer" is for who has tried to the end of the time.
        this.#tell(key, row, 'waiting', failure?.message ?? 'too few runs were verified');
        waiting.beginAt = tick() + policy.againMs;
        return;
      }
      await log(challenged);
      this.#finish(key);
      this.#tell(key, row, 'logged', runs === 0 ? failure?.message ?? 'no verified answer' : '');
    } catch (thrown) {
      if (signal.aborted) return;
      if (deadline.aborted) {
        this.#finish(key);
        return this.#tell(key, row, 'failed', 'too late');
      }
      const { code, message } = asNexusError(thrown);
      if (tick() + policy.againMs < due && this.#waiting.has(key)) {
        this.#tell(key, row, 'waiting', message);
        this.#waiting.get(key)!.beginAt = tick() + policy.againMs;
        return;
      }
      this.#finish(key);
      this.#tell(key, row, 'failed', `${code}: ${message}`);
    }
  }

  #finish(key: string): void {
    this.#waiting.delete(key);
    this.#over.add(key);
    if (this.#over.size > 1024) this.#over.delete(this.#over.values().next().value!);
  }

  async #make(
    key: string,
    row: ChallengeRow,
    order: Order,
    onStep: (step: ChallengeStep) => void,
    signal: AbortSignal,
  ): Promise<Challenged> {
    try {
      this.#tell(key, row, 'work', '');
      return await this.#deps.challenge(order, (step) => {
        onStep(step);
        if (step.stage === 'work') {
          row.done = step.done;
          row.runs = step.of;
          return this.#tell(key, row, 'work', '');
        }
        if (step.stage !== 'check') this.#tell(key, row, step.stage, '');
      }, signal);
    } catch (thrown) {
      // What is tried again, or is over, is told by who knows that.
      const isOpen = thrown instanceof NexusError || signal.aborted;
      if (!isOpen || order.drawn === null) {
        this.#tell(key, row, 'failed', asNexusError(thrown).message);
      }
      throw thrown;
    }
  }

  /** One at a time: two would measure each other. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const mine = before.catch(() => {}).then(work);
    this.#last = mine.catch(() => {});
    return await mine;
  }

  #row({ executor, profile, drawn }: Order): ChallengeRow {
    return {
      executor: toHex(executor),
      profile: toHex(profile),
      epoch: drawn?.beacon ?? null,
      state: 'drawn',
      done: 0,
      runs: 0,
      detail: '',
      at: this.#deps.now(),
    };
  }

  #tell(key: string, row: ChallengeRow, state: ChallengeState, detail: string): void {
    const isNew = row.state !== state || row.detail !== detail || !this.#rows.has(key);
    Object.assign(row, { state, detail, at: this.#deps.now() });
    this.#rows.delete(key);
    this.#rows.set(key, row);
    if (this.#rows.size > MOST_ROWS) this.#rows.delete(this.#rows.keys().next().value!);
    this.#deps.onChange({ ...row }, isNew);
  }
}

function keyOf({ executor, profile, beacon }: PrintDuty): string {
  return `${beacon}:${executor}:${profile}`;
}
