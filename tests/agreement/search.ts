import { type Cast, proposerOf, voicesOf } from './cast.ts';
import { actOf, type Got, roundOf, type Said } from './machine.ts';
import { type Log, Logs, VALUES } from './said.ts';
import { ENDED, gotsOf, type Soup, SPLIT } from './soup.ts';

/** How far is searched. */
export interface Bound {
  rounds: number;
  epochs: number;
}

/** What each honest witness has said: all that anybody may be shown of it. */
export type State = readonly Log[];

export interface Found {
  /** States that differ by more than names. */
  states: number;
  steps: number;
  /** How often a witness was built and asked. */
  asked: number;
  /** Most epochs that a state could have ended. */
  cuts: number;
  /** What was said where two cuts of an epoch can be certified; null if that is nowhere. */
  split: Said[][] | null;
}

/**
 * Explores every row of acts of the honest witnesses within a bound. A state is what they have said.
 * From there a witness may have got any part of that, in any order, and anything at all that the
 * Byzantine ones can say, and any timeout may have run out: each can be started again at any time, and
 * what it then has is its log and what reaches it. So each interleaving of deliveries, timeouts and
 * restarts is some path here. What a witness does is asked of the very rules, see {@link actOf}.
 */
export class Search {
  readonly cast: Cast;
  readonly bound: Bound;
  readonly honest: readonly number[];
  readonly logs: Logs;
  asked = 0;
  readonly #answers = new Map<string, Said | null>();
  readonly #acts = new Map<string, readonly Log[]>();
  /** Orders of the honest that nobody can tell apart: of those who propose in no round in bound. */
  readonly #orders: readonly (readonly number[])[];
  readonly #voices: number;

  constructor(cast: Cast, bound: Bound) {
    this.cast = cast;
    this.bound = bound;
    this.logs = new Logs(bound.rounds, bound.epochs);
    this.#voices = voicesOf(cast);
    const all = Array.from({ length: cast.count }, (_, i) => i);
    this.honest = all.filter((i) => !cast.bad.includes(i));
    const proposers = new Set<number>();
    for (let epoch = 0; epoch < bound.epochs; epoch++) {
      for (let k = 0; k < bound.rounds; k++) proposers.add(proposerOf(cast, epoch, k));
    }
    const places = this.honest.map((_, at) => at);
    const free = places.filter((at) => !proposers.has(this.honest[at]!));
    this.#orders = orders(free).map((order) =>
      places.map((at) => free.includes(at) ? order[free.indexOf(at)]! : at)
    );
  }

  /** Goes everywhere, or to the first state with two cuts. */
  async run(): Promise<Found> {
    const start: State = this.honest.map(() => this.logs.empty);
    const seen = new Set([this.#name(start)]);
    const open: State[] = [start];
    const found: Found = { states: 0, steps: 0, asked: 0, cuts: 0, split: null };
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      found.states++;
      for (let epoch = 0; epoch < this.bound.epochs; epoch++) {
        const cuts = this.certifiable(state, epoch).length;
        if (cuts > 1) {
          return { ...found, asked: this.asked, split: state.map(({ said }) => [...said]) };
        }
        if (cuts > 0) found.cuts = Math.max(found.cuts, epoch + 1);
      }
      for (let at = 0; at < state.length; at++) {
        for (const log of await this.acts(state, at)) {
          found.steps++;
          const next = state.with(at, log);
          const name = this.#name(next);
          if (seen.has(name)) continue;
          seen.add(name);
          open.push(next);
        }
      }
    }
    return { ...found, asked: this.asked };
  }

  /** Cuts of an epoch for which there can be a certificate: the Byzantine ones sign everything. */
  certifiable(state: State, epoch: number): string[] {
    let mask = 0;
    for (let k = 0; k < this.bound.rounds; k++) {
      mask |= this.#votes(state, this.logs.slot(epoch, k, 1)) & 3;
    }
    return VALUES.filter((_, bit) => mask >> bit & 1);
  }

  /** A witness's log after all that it may say next. @param at its place among the honest */
  async acts(state: State, at: number): Promise<readonly Log[]> {
    const own = state[at]!;
    const soups = this.#soups(state, at);
    const name = `${at} ${own.id} ${JSON.stringify(soups)}`;
    const known = this.#acts.get(name);
    if (known !== undefined) return known;
    const found = new Set<Log>();
    const memories = this.cast.mutation === 'no memory' ? this.logs.ends(own) : [own];
    for (const memory of memories) {
      for (const soup of soups) {
        for (const got of gotsOf(this.cast, this.logs, memory, soup)) {
          const act = await this.#ask(at, memory, got);
          if (act === null || roundOf(act) >= this.bound.rounds) continue;
          for (
            const said of act.includes('?') ? [act.replace('?', 'A'), act.replace('?', 'B')] : [act]
          ) {
            if (!own.said.includes(said)) found.add(this.logs.append(own, said));
          }
        }
      }
    }
    const logs = [...found];
    this.#acts.set(name, logs);
    return logs;
  }

  async #ask(at: number, log: Log, got: Got): Promise<Said | null> {
    const name = `${at} ${log.id} ${JSON.stringify(got)}`;
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    this.asked++;
    const act = await actOf(this.cast, this.honest[at]!, log.said, got);
    this.#answers.set(name, act);
    return act;
  }

  /** What may have reached a witness, in the epoch that it is in and in those it may come to. */
  #soups(state: State, at: number): Soup[] {
    const { farthest } = state[at]!;
    const soups: Soup[] = [];
    let before = '';
    for (let epoch = 0; epoch < this.bound.epochs; epoch++) {
      const done = this.cast.mutation !== 'no memory' &&
        farthest.some((k, i) => i > epoch && k >= 0);
      if (!done) soups.push(this.#soup(state, at, epoch, before));
      const [cut] = this.certifiable(state, epoch);
      if (cut === undefined) break;
      before += cut;
    }
    return soups;
  }

  #soup(state: State, at: number, epoch: number, before: string): Soup {
    const rounds = Array.from({ length: this.bound.rounds }, (_, k) => {
      const proposer = this.honest.indexOf(proposerOf(this.cast, epoch, k));
      const spoke = state.filter(({ farthest }, i) => i !== at && farthest[epoch]! >= k).length;
      const votes = this.#votes(state, this.logs.slot(epoch, k, 0));
      const ended = this.#votes(state, this.logs.slot(epoch, k, 1)) & SPLIT;
      return {
        votes: votes | (ended === 0 ? 0 : ENDED),
        drawn: 3 * (spoke + this.cast.bad.length) >= this.cast.count,
        proposed: state[proposer]?.said.filter((one) => one.startsWith(`p${epoch}${k}`)) ?? [],
      };
    });
    return { epoch, before, rounds };
  }

  /** Which quorums there can be in a slot, with the Byzantine voices where they are needed. */
  #votes(state: State, slot: number): number {
    const { bad } = this.cast;
    const voices = [0, 0, 0];
    let all = 0;
    for (const { votes } of state) {
      const mask = votes[slot]!;
      if (mask !== 0) all++;
      for (let bit = 0; bit < 3; bit++) if (mask >> bit & 1) voices[bit]!++;
    }
    let found = all + bad.length >= this.#voices ? SPLIT : 0;
    for (let bit = 0; bit < 3; bit++) {
      if (voices[bit]! > 0 && voices[bit]! + bad.length >= this.#voices) found |= 1 << bit;
    }
    return found;
  }

  /** One number for all states that differ by who is who and which cut is which. */
  #name(state: State): number {
    let least = Infinity;
    for (let swap = 0; swap < 2 ** this.bound.epochs; swap++) {
      const ids = state.map(({ id }) => this.logs.swapped(id, swap));
      for (const order of this.#orders) {
        let name = 0;
        for (const at of order) name = name * 2 ** 17 + ids[at]!;
        if (name < least) least = name;
      }
    }
    return least;
  }
}

function orders(of: readonly number[]): number[][] {
  if (of.length === 0) return [[]];
  return of.flatMap((one) =>
    orders(of.filter((other) => other !== one)).map((rest) => [one, ...rest])
  );
}
