import { type Cast, proposerOf } from './cast.ts';
import type { Got, Said } from './machine.ts';
import { type Log, type Logs, VALUES } from './said.ts';

/** Of everything that was said, what may have reached a witness in one epoch. */
export interface Soup {
  epoch: number;
  /** Cuts of the epochs before. */
  before: string;
  rounds: {
    /** Bits of the values that a quorum may have prevoted; 8: a split quorum; precommits: 16. */
    votes: number;
    /** Others that must include an honest one are there. */
    drawn: boolean;
    /** An honest proposer's. */
    proposed: Said[];
  }[];
}

/** Bits of {@link Soup}. */
export const SPLIT = 8, ENDED = 16;

/** What of it may be here when it acts, up to what makes no difference to the rules. */
export function* gotsOf(cast: Cast, logs: Logs, log: Log, soup: Soup): Generator<Got> {
  const { epoch, before, rounds } = soup;
  const last = Math.max(0, log.farthest[epoch]!);
  let here = true;
  for (let round = last; round < rounds.length; round++) {
    const late: boolean = round > last && here && (rounds[round - 1]!.votes & ENDED) !== 0;
    const drawn = round > last && rounds[round]!.drawn;
    here = round === last || late || drawn;
    if (!here || log.votes[logs.slot(epoch, round, 1)] !== 0) continue;
    const deciding = log.votes[logs.slot(epoch, round, 0)] !== 0;
    const ways = round === last ? [false] : [...late ? [false] : [], ...drawn ? [true] : []];
    for (const proposals of proposalsOf(cast, soup, round, deciding)) {
      for (const prevotes of prevotesOf(soup, round, deciding)) {
        for (const drawn of ways) yield { epoch, before, round, drawn, proposals, prevotes };
      }
    }
  }
}

/** Proposals that may have come: of each round none, the one, or one of a liar's, or two. */
function proposalsOf(
  cast: Cast,
  { epoch, rounds }: Soup,
  round: number,
  deciding: boolean,
): Said[][] {
  let found: Said[][] = [[]];
  for (let k = 0; k <= round; k++) {
    const slot = `p${epoch}${k}`;
    const choices: Said[][] = [[], ...rounds[k]!.proposed.map((one) => [one])];
    if (cast.bad.includes(proposerOf(cast, epoch, k))) {
      const earlier = k === round && !deciding ? k : 0;
      for (const valid of ['.', ...Array.from({ length: earlier }, (_, i) => `${i}`)]) {
        for (const [first, second] of ['AB', 'BA']) {
          choices.push([`${slot}${first}${valid}`]);
          choices.push([`${slot}${first}${valid}`, `${slot}${second}.`]);
        }
      }
    }
    found = found.flatMap((row) => choices.map((choice) => [...row, ...choice]));
  }
  return found;
}

/**
 * Prevotes that may have come, of the rounds that matter: those before, for what is to be proposed or
 * prevoted; those of this round, for what is to be precommitted.
 */
function prevotesOf({ rounds }: Soup, round: number, deciding: boolean): string[][] {
  let found: string[][] = [[]];
  for (let k = 0; k <= round; k++) {
    const { votes } = rounds[k]!;
    const choices: string[] = [''];
    if (deciding === (k === round)) {
      choices.push(...VALUES.filter((_, bit) => votes >> bit & 1));
      if (deciding && (votes & SPLIT) !== 0) choices.push('*');
    }
    found = found.flatMap((row) => choices.map((choice) => [...row, choice]));
  }
  return found;
}
