import { deserialize, serialize } from 'node:v8';
import { concatBytes, equalBytes, taggedHash, toHex } from '../../feeds/base/mod.ts';
import {
  cutHash,
  type CutHead,
  type LogRecord,
  type ProposalRecord,
  signRecord,
  type VoteRecord,
} from '../../feeds/records/mod.ts';
import {
  type Act,
  chooseHeads,
  type Cut,
  CutView,
  doubtOf,
  Voter,
} from '../../feeds/agreement/mod.ts';

export const NETWORK = new Uint8Array(32).fill(9);
export type Message = ProposalRecord | VoteRecord;

/** Signatures that only {@link signAs} makes: a hash, so that thousands are checked in a second. */
export const verify = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
  equalBytes(signature, signatureOf(key, message));

function signatureOf(key: Uint8Array, message: Uint8Array): Uint8Array {
  const half = taggedHash('test/signature', key, message);
  return concatBytes(half, half);
}

export function signAs<T extends Message>(record: Omit<T, 'signature'>): Promise<T> {
  const key = record.witness;
  return signRecord<T>(record as never, (message) => signatureOf(key, message));
}

/** In the order of their numbers: the proposer of an epoch's round is their sum's remainder. */
export const keyOf = (i: number) => new Uint8Array(32).fill(i + 1);
export const coreOf = (i: number) => taggedHash('test/core', Uint8Array.of(i));
/** @param history of its writer's making: an honest one has one */
export const headOf = (core: number, length: number, history = 0): CutHead => ({
  core: coreOf(core),
  length,
  treeHash: taggedHash('test/tree', coreOf(core), new TextEncoder().encode(`${length} ${history}`)),
});

/** A witness that keeps the rules, and what has reached it. */
class Honest {
  view!: CutView;
  voter!: Voter;
  /** By writer: entries that have arrived, and those that the view took. */
  arrived: number[];
  taken: number[] = [];
  /** Blocks of each core that are here. */
  held: number[];
  /** What it has written down, and how far it had taken each log then. */
  #saved: { state: Uint8Array; taken: number[] } | null = null;

  constructor(readonly world: World, readonly index: number) {
    this.arrived = world.all.map(() => 0);
    this.held = world.lengths.map(() => 0);
    this.restart();
  }

  /** Everything is forgotten but the logs. */
  restart(): void {
    const { witnesses } = this.world;
    this.view = new CutView({ network: NETWORK, witnesses, verify });
    this.voter = new Voter(this.view, keyOf(this.index));
    this.taken = this.world.all.map(() => 0);
  }

  save(): void {
    this.#saved = { state: serialize(this.view.state()), taken: [...this.taken] };
  }

  /** Everything is forgotten but the logs and what it saved once, however long ago. */
  resume(): void {
    this.restart();
    if (this.#saved === null) return;
    const from = deserialize(this.#saved.state);
    this.view = new CutView({ network: NETWORK, witnesses: this.world.witnesses, verify, from });
    this.voter = new Voter(this.view, keyOf(this.index));
    this.taken = [...this.#saved.taken];
  }

  /** Takes what has arrived, says what is to be said. */
  async work(): Promise<void> {
    for (let moved = true; moved;) {
      moved = await this.#read();
      const own = this.world.logOf(this.index, this.index);
      if (this.taken[this.index]! < own.length) return;
      this.#approve();
      for (let act = this.voter.next(); act !== null; act = this.voter.next()) {
        moved = true;
        if (act.type === 'propose') own.push(...act.proof);
        own.push(await this.#sign(act));
        this.arrived[this.index] = own.length;
        await this.#read();
        this.#approve();
      }
    }
  }

  async #read(): Promise<boolean> {
    let moved = false;
    for (let again = true; again;) {
      again = false;
      for (const writer of this.world.all) {
        const log = this.world.logOf(writer, this.index);
        let inOrder = true;
        for (let at = this.taken[writer]!; at < this.arrived[writer]!; at++) {
          const { later, cut, equivocation } = await this.view.take(log[at]!);
          const liar = this.world.honest.find(({ index }) =>
            equivocation !== null && equalBytes(keyOf(index), equivocation.witness)
          );
          if (liar !== undefined) {
            throw new Error('a witness that keeps the rules contradicts itself');
          }
          // Further on it may repeat what others said about this epoch.
          if (later) inOrder = false;
          if (inOrder) this.taken[writer]!++;
          again ||= inOrder || cut !== null;
          if (cut !== null) this.world.certified(cut);
        }
      }
      moved ||= again;
    }
    return moved;
  }

  /** Nothing has moved for long. */
  remind(): void {
    const own = this.world.logOf(this.index, this.index);
    own.push(...this.view.certificates(1));
    this.arrived[this.index] = own.length;
  }

  #approve(): void {
    for (const { hash, record } of this.voter.unapproved) {
      if (record.heads.every((head) => this.#holds(head))) this.voter.approve(hash);
    }
  }

  #holds({ core, length, treeHash }: CutHead): boolean {
    const at = this.world.lengths.findIndex((_, i) => equalBytes(coreOf(i), core));
    return at >= 0 && this.held[at]! >= length &&
      equalBytes(this.#headOf(at, length).treeHash, treeHash);
  }

  #headOf(core: number, length: number): CutHead {
    return headOf(core, length, this.world.historyOf(core, this.index));
  }

  #sign(act: Act): Promise<Message> {
    const { epoch, previous, covered } = this.view;
    const from = { network: NETWORK, epoch, round: act.round, witness: keyOf(this.index) };
    if (act.type === 'vote') {
      return signAs<VoteRecord>({ type: 'vote', ...from, step: act.step, cut: act.cut });
    }
    const grown = this.held.map((length, i) => this.#headOf(i, length))
      .filter((head, i) => head.length > 0 && !this.world.forked.has(i));
    const { all, cores, heads: named } = doubtOf(this.view, act.round);
    const doubtful = new Set(cores);
    for (const head of named) if (!this.#holds(head)) doubtful.add(toHex(head.core));
    const sure = all ? [] : grown.filter(({ core }) => !doubtful.has(toHex(core)));
    const heads = act.heads ?? chooseHeads(sure, covered, previous, 3);
    const { validRound } = act;
    return signAs<ProposalRecord>({ type: 'proposal', ...from, previous, heads, validRound });
  }
}

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

  constructor(count: number, readonly bad: number, weights: readonly number[] = []) {
    this.all = Array.from({ length: count }, (_, i) => i);
    this.witnesses = this.all.map((i) => ({ key: keyOf(i), weight: weights[i] ?? 1 }));
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
