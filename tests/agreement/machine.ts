import { equalBytes } from '../../feeds/base/mod.ts';
import { cutHash, type CutHead } from '../../feeds/records/mod.ts';
import { type Act, type Cut, CutView, Voter } from '../../feeds/agreement/mod.ts';
import { type Cast, lockless, proposerOf, voicesOf } from './cast.ts';
import { headOf, keyOf, type Message, NETWORK } from './world.ts';

/** One of two cuts of an epoch, or none. */
export type Value = 'A' | 'B' | '-';

/**
 * What a witness said, short: kind (`p`roposal, pre`v`ote, pre`c`ommit), epoch, round, value, and of a
 * proposal its valid round or a dot: `p00A.`, `v00A`, `c01-`.
 */
export type Said = string;

/** What has reached a witness when it is to act, beside its own log. */
export interface Got {
  /** Epoch that it decides. */
  epoch: number;
  /** The cuts before, one letter an epoch: their certificates have come. */
  before: string;
  /** Round that it acts in. */
  round: number;
  /** True: the others have drawn it into that round; false: a timeout of the one before ran out. */
  drawn: boolean;
  /** In the order in which they came; without their writers, who are the rounds' proposers. */
  proposals: readonly Said[];
  /** By round: the value that a quorum prevoted, `*` for a quorum that is split, '' for less. */
  prevotes: readonly string[];
}

const SIGNATURE = new Uint8Array(64);
const RECORDS = new Map<string, Message>();
const HASHES = new Map<string, Uint8Array>();
const HEADS: CutHead[][] = [];
const accept = () => true;

/**
 * What the shipped rules have a witness do that is started with its own log and gets what is given, at
 * once or, where it waits, when its timeout runs out; null where it waits for ever. Its log is shown
 * first, as it must be.
 */
export async function actOf(
  cast: Cast,
  self: number,
  log: readonly Said[],
  got: Got,
): Promise<Said | null> {
  return await new Machine(cast, self).act(log, got);
}

/** A witness made of the very view and voter, that is told everything in short. */
export class Machine {
  readonly view: CutView;
  readonly voter: Voter;
  readonly #cast: Cast;
  readonly #self: number;
  /** Said, but ahead of what the others said: to be shown again. */
  #later: { writer: number; said: Said }[] = [];
  /** The cuts so far, one letter each. */
  #cuts = '';

  constructor(cast: Cast, self: number) {
    this.#cast = cast;
    this.#self = self;
    const witnesses = Array.from({ length: cast.count }, (_, i) => ({ key: keyOf(i), weight: 1 }));
    this.view = new CutView({ network: NETWORK, witnesses, verify: accept });
    if (cast.mutation === 'half a quorum') {
      this.view.quorum.isQuorum = (weight) => weight >= voicesOf(cast);
    }
    const seen = cast.mutation === 'no lock'
      ? lockless(this.view, () => this.voter.round)
      : this.view;
    this.voter = new Voter(seen, keyOf(self));
  }

  async act(log: readonly Said[], got: Got): Promise<Said | null> {
    const others = Array.from({ length: this.#cast.count }, (_, i) => i)
      .filter((i) => i !== this.#self);
    const hear = async (writer: number, said: Said) => await this.hear(writer, said);
    for (const said of log) await hear(this.#self, said);
    for (const [epoch, value] of [...got.before].entries()) {
      await hear(proposerOf(this.#cast, epoch, 0), `p${epoch}0${value}.`);
      for (const other of others) await hear(other, `c${epoch}0${value}`);
    }
    const { epoch, round } = got;
    const mine = log.filter((said) => said[1] === `${epoch}`);
    const last = Math.max(0, ...mine.map((said) => Number(said[2])));
    // It came to where it is because others were there: in the round before, or further on.
    const steps = Array.from({ length: round + 1 }, (_, k) => k);
    for (const k of steps) {
      if (k < Math.max(last, round) || got.drawn) await this.#split('c', epoch, k, mine, others);
    }
    for (const said of got.proposals) {
      await hear(proposerOf(this.#cast, epoch, roundOf(said)), said);
    }
    for (const k of steps) {
      const value = got.prevotes[k] ?? '';
      if (value === '*') await this.#split('v', epoch, k, mine, others);
      else if (value !== '') await this.#quorum(`v${epoch}${k}`, value, mine, others);
    }
    if (!this.ready || this.view.epoch !== epoch) return null;
    this.voter.begin();
    for (;;) {
      const act = this.next();
      if (act !== null) return this.say(act);
      const at = this.voter.round;
      const running = this.voter.timeouts.filter((timeout) =>
        timeout.round === at && (at < round) === (timeout.step === 'precommit')
      );
      if (running.length === 0) return null;
      for (const timeout of running) this.voter.expire(epoch, timeout);
      if (at >= round) {
        const late = this.next();
        return late === null ? null : this.say(late);
      }
    }
  }

  /** True once it has read its own log to the end: before, it says nothing. */
  get ready(): boolean {
    return !this.#later.some(({ writer }) => writer === this.#self);
  }

  /** Takes what somebody said, and then what was too early before. */
  async hear(writer: number, said: Said): Promise<void> {
    const waiting = [...this.#later, { writer, said }];
    for (let moved = true; moved;) {
      moved = false;
      for (const one of waiting.splice(0)) {
        const { later, cut } = await this.view.take(this.record(one.writer, one.said));
        if (later) waiting.push(one);
        else moved = true;
        if (cut !== null) this.#cuts += this.#nameOf(cut);
      }
    }
    this.#later = waiting;
  }

  /** What the rules demand now of one that has the blocks of whatever is proposed. */
  next(): Act | null {
    this.#approve();
    const act = this.voter.next();
    if (act !== null) return act;
    // It may be in another round now.
    this.#approve();
    return this.voter.next();
  }

  #approve(): void {
    for (const { hash } of this.voter.unapproved) this.voter.approve(hash);
  }

  /** An act in short; a proposal of its own choice has value `?`. */
  say(act: Act): Said {
    const { epoch } = this.view;
    const name = `${epoch}${act.round}`;
    if (act.type === 'propose') {
      const { cut, validRound } = act;
      const value = cut === null ? '?' : this.#nameOf({ epoch, heads: cut.heads });
      return `p${name}${value}${validRound ?? '.'}`;
    }
    const value = act.cut === null ? '-' : this.#valueOf(act.cut);
    return `${act.step === 'prevote' ? 'v' : 'c'}${name}${value}`;
  }

  /** Each is made once: hashing them takes longer than all else. */
  record(writer: number, said: Said): Message {
    const name = `${this.#cuts.slice(0, Number(said[1]))} ${writer} ${said}`;
    const record = RECORDS.get(name) ?? this.#record(writer, said);
    RECORDS.set(name, record);
    return record;
  }

  #record(writer: number, said: Said): Message {
    const [kind, , round, value, valid] = said as unknown as string[];
    const epoch = Number(said[1]);
    const from = { network: NETWORK, epoch, round: Number(round), witness: keyOf(writer) };
    const more = { ...from, signature: SIGNATURE };
    if (kind === 'p') {
      const validRound = valid === '.' ? null : Number(valid);
      const previous = this.#previous(epoch), heads = headsOf(epoch, value as Value);
      return { type: 'proposal', ...more, previous, heads, validRound, seats: null };
    }
    const cut = value === '-' ? null : this.#hashOf(epoch, value as Value);
    return { type: 'vote', ...more, step: kind === 'v' ? 'prevote' : 'precommit', cut };
  }

  #previous(epoch: number): Uint8Array {
    return epoch === 0
      ? new Uint8Array(32)
      : this.#hashOf(epoch - 1, this.#cuts[epoch - 1] as Value);
  }

  #hashOf(epoch: number, value: Value): Uint8Array {
    const name = this.#cuts.slice(0, epoch) + value;
    const made = { network: NETWORK, epoch, previous: this.#previous(epoch), seats: null };
    const hash = HASHES.get(name) ?? cutHash({ ...made, heads: headsOf(epoch, value) });
    HASHES.set(name, hash);
    return hash;
  }

  #nameOf({ epoch, heads }: Pick<Cut, 'epoch' | 'heads'>): Value {
    return equalBytes(heads[0]!.core, headsOf(epoch, 'A')[0]!.core) ? 'A' : 'B';
  }

  #valueOf(hash: Uint8Array): Value {
    return equalBytes(this.#hashOf(this.view.epoch, 'A'), hash) ? 'A' : 'B';
  }

  /** As many of the others as it takes say the same. */
  async #quorum(slot: string, value: string, mine: readonly Said[], others: readonly number[]) {
    const own = mine.includes(slot + value) ? 1 : 0;
    for (const other of others.slice(0, voicesOf(this.#cast) - own)) {
      await this.hear(other, slot + value);
    }
  }

  /** A quorum speaks, and not two of them alike. */
  async #split(
    kind: string,
    epoch: number,
    round: number,
    mine: readonly Said[],
    others: readonly number[],
  ) {
    const slot = `${kind}${epoch}${round}`;
    const own = mine.find((said) => said.startsWith(slot))?.[3];
    const values = ['-', 'A', 'B'].filter((value) => value !== own);
    const missing = voicesOf(this.#cast) - (own === undefined ? 0 : 1);
    for (const [i, other] of others.slice(0, missing).entries()) {
      await this.hear(other, slot + values[i % values.length]!);
    }
  }
}

/** The two cuts that may end an epoch: each of one core that grows. */
function headsOf(epoch: number, value: Value): CutHead[] {
  const core = 2 * epoch + (value === 'A' ? 0 : 1);
  return HEADS[core] ??= [headOf(core, 1)];
}

export function roundOf(said: Said): number {
  return Number(said[2]);
}
