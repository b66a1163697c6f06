import { toHex } from '../../feeds/base/mod.ts';
import {
  type ProposalRecord,
  verifyEd25519,
  verifyRecordSignature,
} from '../../feeds/records/mod.ts';
import { recordOf } from './record.ts';

/** Blocks of one log that are looked through in a pass, and once more of those that were missing. */
const AT_ONCE = 512;
/** New names that one log has taken in a pass, and signatures that are checked for them. */
const NEW_AT_ONCE = 32;
const CHECKS_AT_ONCE = 64;
/** Names that are remembered, of all logs together. */
const MOST = 4096;
/** Blocks of one log that are waited for: no others are looked at where it lacks more. */
const MOST_OPEN = 1024;
/** Where it does, those that did not come within this are done without, milliseconds. */
const GONE_MS = 5 * 60_000;

/** A log that may name others. */
export interface Hearing {
  core: Uint8Array;
  /** Whose it says to be, hexadecimal. */
  identity: string;
  length: number;
}

type Read = (core: Uint8Array, start: number, end: number) => Promise<(Uint8Array | null)[]>;

/** A block that is not done with. */
interface Open {
  since: number;
  /** The next head of its proposal. */
  head: number;
}

/** One log, as far as it was listened to. */
interface Heard {
  /** The next block that was never looked at. */
  at: number;
  /** Those before it that are missing, or of which not every name is taken. */
  open: Map<number, Open>;
  /** From where on these are tried next. */
  again: number;
  /** Cores (hexadecimal) that it named first, the oldest first. */
  names: Set<string>;
}

/** What is left of one log's turn, and what it has brought. */
interface Turn {
  names: number;
  checks: number;
  found: Uint8Array[];
}

/**
 * What later witnesses' proposals name: where the first ones have gone, nobody whose word counts yet can
 * tell a newcomer which logs were theirs. It is only a hint what to look for. Identities cost nothing, and
 * whoever makes some may name what it likes: each log has its turn, and what is too much goes at the cost
 * of the one that named most.
 */
export class Hearsay {
  readonly #logs = new Map<string, Heard>();
  /** Every log's names. */
  readonly #cores = new Set<string>();
  readonly #tick: () => number;

  constructor(tick: () => number = () => performance.now()) {
    this.#tick = tick;
  }

  /** Cores that a log names and none did before: some of them, in each pass. */
  async hear({ core, identity, length }: Hearing, read: Read): Promise<Uint8Array[]> {
    const key = toHex(core);
    const log = this.#logs.get(key) ?? { at: 1, open: new Map(), again: 0, names: new Set() };
    this.#logs.set(key, log);
    const turn: Turn = { names: NEW_AT_ONCE, checks: CHECKS_AT_ONCE, found: [] };
    await this.#again(log, core, identity, turn, read);
    const start = log.at, end = Math.min(length, start + AT_ONCE);
    for (const block of this.#hasRoom(log) && start < end ? await read(core, start, end) : []) {
      if (turn.names === 0 || turn.checks === 0) break;
      await this.#look(log, log.at++, block, identity, turn);
    }
    this.#forget();
    return turn.found;
  }

  /** Blocks that were missing may have come; where others still do, the next ones have their turn. */
  async #again(
    log: Heard,
    core: Uint8Array,
    identity: string,
    turn: Turn,
    read: Read,
  ): Promise<void> {
    const open = [...log.open.keys()].sort((a, b) => a - b);
    const start = open.find((index) => index >= log.again) ?? open[0];
    if (start === undefined) return;
    const blocks = await read(core, start, Math.min(log.at, start + AT_ONCE));
    for (const [i, block] of blocks.entries()) {
      if (turn.names === 0 || turn.checks === 0) return;
      const index = start + i;
      log.again = index + 1;
      if (log.open.has(index)) await this.#look(log, index, block, identity, turn);
    }
  }

  /** @returns whether the log lacks so little that it is looked through further */
  #hasRoom({ open }: Heard): boolean {
    if (open.size + AT_ONCE <= MOST_OPEN) return true;
    const then = this.#tick() - GONE_MS;
    for (const [index, { since }] of open) if (since < then) open.delete(index);
    return open.size + AT_ONCE <= MOST_OPEN;
  }

  /** Takes what a block names, or remembers where to go on. */
  async #look(
    log: Heard,
    index: number,
    block: Uint8Array | null,
    identity: string,
    turn: Turn,
  ): Promise<void> {
    const { since, head } = log.open.get(index) ?? { since: this.#tick(), head: 0 };
    const record = block && recordOf(block);
    const isOwn = record?.type === 'proposal' && toHex(record.witness) === identity;
    const next = block === null ? head : isOwn ? await this.#take(log, record, head, turn) : null;
    if (next === null) {
      log.open.delete(index);
      return;
    }
    log.open.set(index, { since, head: next });
    // What was begun is gone on with first.
    if (block !== null) log.again = index;
  }

  /** @returns the head to go on with in the next pass; null: none is left */
  async #take(
    log: Heard,
    record: ProposalRecord,
    head: number,
    turn: Turn,
  ): Promise<number | null> {
    const { heads } = record;
    const isNew = ({ core }: { core: Uint8Array }) => !this.#cores.has(toHex(core));
    // Most repeat what is known: that needs no check.
    if (!heads.some((one, i) => i >= head && isNew(one))) return null;
    turn.checks--;
    if (!await verifyRecordSignature(record, verifyEd25519)) return null;
    for (; head < heads.length; head++) {
      const { core } = heads[head]!;
      if (!isNew(heads[head]!)) continue;
      if (turn.names === 0) return head;
      turn.names--;
      log.names.add(toHex(core));
      this.#cores.add(toHex(core));
      turn.found.push(core.slice());
    }
    return null;
  }

  /** Forgets what is too much, of whichever log has most: none can crowd out another. */
  #forget(): void {
    while (this.#cores.size > MOST) {
      const [first, ...others] = this.#logs.values();
      const most = others.reduce((a, b) => b.names.size > a.names.size ? b : a, first!);
      for (const name of [...most.names].slice(0, this.#cores.size - MOST)) {
        most.names.delete(name);
        this.#cores.delete(name);
      }
    }
  }
}
