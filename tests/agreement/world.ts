import { equalBytes, toHex } from '../../feeds/base/mod.ts';
import {
  cutHash,
  type LogRecord,
  type ProposalRecord,
  type Seat,
} from '../../feeds/records/mod.ts';
import { type Cut, CutView } from '../../feeds/agreement/mod.ts';
import { Honest } from './honest.ts';
import { coreOf, headOf, keyOf, type Message, NETWORK, verify } from './messages.ts';

export * from './messages.ts';

/** Witnesses, the last `bad` of them Byzantine, and a network that does what it is told. */
export class World {
  readonly all: number[];
  readonly witnesses: { key: Uint8Array; weight: number }[];
  readonly honest: Honest[];
  /** Blocks that each of the cores has by now. */
  readonly lengths = [0, 0, 0, 0, 0];
  readonly cuts = new Map<number, Cut>();
  readonly #logs: Message[][];
  /** What a Byzantine witness shows to each of the others: a log of its own for each. */
  readonly #shown: Message[][][];

  /** Which history of a core a witness was shown. */
  historyOf: (core: number, witness: number) => number = () => 0;
  /** Cores of which two histories were proven to all. */
  readonly forked = new Set<number>();
  /** Whether a writer's log arrives at a reader at all. */
  reaches: (writer: number, reader: number) => boolean = () => true;

  /** What the ledger after the cut of an epoch makes of the bonds; null: nothing is to change. */
  seatsAfter: (epoch: number) => Seat[] | null = () => null;

  /** Whether a witness has folded the ledger as far as it must to know that. */
  folds: (witness: number) => boolean = () => true;

  /** @param first those of them who are witnesses from the beginning; all if left out */
  constructor(
    count: number,
    readonly bad: number,
    weights: readonly number[] = [],
    first?: readonly number[],
  ) {
    this.all = Array.from({ length: count }, (_, i) => i);
    this.witnesses = (first ?? this.all).map((i) => ({ key: keyOf(i), weight: weights[i] ?? 1 }));
    this.#logs = this.all.map(() => []);
    this.#shown = this.all.map(() => this.all.map(() => []));
    this.honest = this.all.slice(0, count - bad).map((i) => new Honest(this, i));
  }

  isBad(witness: number): boolean {
    return witness >= this.all.length - this.bad;
  }

  logOf(writer: number, reader: number): Message[] {
    return this.isBad(writer) ? this.#shown[writer]![reader]! : this.#logs[writer]!;
  }

  /** A view has found a cut: it is the only one of its epoch, and extends the one before. */
  certified(cut: Cut): void {
    const known = this.cuts.get(cut.epoch);
    if (known !== undefined && !equalBytes(known.hash, cut.hash)) {
      throw new Error(`two cuts of epoch ${cut.epoch}`);
    }
    if (cut.spans.some(({ from, to }) => to <= from)) throw new Error('a cut does not extend');
    for (const { core, length, treeHash } of cut.heads) {
      const at = this.lengths.findIndex((_, i) => equalBytes(coreOf(i), core));
      const real = at >= 0 && length <= this.lengths[at]! &&
        [0, 1].some((history) => equalBytes(headOf(at, length, history).treeHash, treeHash));
      if (!real) throw new Error('a cut of what is not there');
    }
    this.cuts.set(cut.epoch, cut);
  }

  /** Hashes that somebody proposed for an epoch. */
  proposed(epoch: number): Uint8Array[] {
    const logs = [...this.#logs, ...this.#shown.flat()].flat();
    const hashes = logs.filter((m) => m.type === 'proposal' && m.epoch === epoch)
      .map((m) => toHex(cutHash(m as ProposalRecord)));
    return [...new Set(hashes)].map((hash) =>
      Uint8Array.from(hash.match(/../g)!, (x) => parseInt(x, 16))
    );
  }

  /** Everything arrives, timeouts run out where nothing else happens: until all have `epoch`. */
  async settle(epoch: number, turns: number): Promise<boolean> {
    for (let turn = 0; turn < turns; turn++) {
      for (let quiet = false; !quiet;) {
        const before = this.#logs.map((log) => log.length).join();
        for (const one of this.honest) {
          one.arrived = this.all.map((writer) =>
            this.reaches(writer, one.index)
              ? this.logOf(writer, one.index).length
              : one.arrived[writer]!
          );
          one.held = [...this.lengths];
          if (one.view.epoch <= epoch) one.voter.begin();
          await one.work();
        }
        quiet = before === this.#logs.map((log) => log.length).join();
      }
      if (this.honest.every(({ view }) => view.epoch > epoch)) return true;
      for (const one of this.honest) one.remind();
      for (const { view, voter } of this.honest) {
        for (const timeout of voter.timeouts) voter.expire(view.epoch, timeout);
      }
    }
    return false;
  }
}

/** A reader that is no witness: sees the honest logs in an order of its own. */
export async function cutsOf(
  world: World,
  order: readonly number[],
): Promise<{ cuts: Cut[]; view: CutView }> {
  const view = new CutView({ network: NETWORK, witnesses: world.witnesses, verify });
  const at = world.all.map(() => 0);
  const cuts: Cut[] = [];
  for (let moved = true; moved;) {
    moved = false;
    for (const writer of order) {
      const log = world.logOf(writer, 0);
      let inOrder = true;
      for (let i = at[writer]!; i < log.length; i++) {
        const { later, cut } = await view.take(log[i]! as LogRecord);
        if (later) inOrder = false;
        if (inOrder) at[writer]!++;
        moved ||= inOrder || cut !== null;
        if (cut !== null) cuts.push(cut);
      }
    }
  }
  return { cuts, view };
}
