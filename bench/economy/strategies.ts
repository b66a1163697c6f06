import type { Hex } from '../../feeds/trust/mod.ts';
import type { Manner } from './auditing.ts';

/** What an operator of some nodes does otherwise than an honest one. */
export interface Strategy {
  name: string;
  /** In words, for the table. */
  what: string;
  /** Its nodes, in 1,000. */
  share: number;
  /** Chance that it cheats on an answer that it gives. @param done part of the run, 0 to 1 */
  cheats?: (done: number) => number;
  /** How its nodes audit. */
  audits?: (own: ReadonlySet<Hex>) => Manner;
  /** As a requester it acknowledges and settles nothing. */
  silent?: boolean;
  /** Jobs an epoch that each of its nodes gives to another of them: always the same one. */
  selfDeals?: number;
  /** New keys, without a bond, for those that are proven cheats, and every so many epochs. */
  rotates?: number;
  /** Part of the run, 0 to 1, after which its nodes ask for their bonds back. */
  leaves?: number;
}

const always = () => 1;

export const STRATEGIES: readonly Strategy[] = [
  { name: 'lone', what: 'cheats on every answer', share: 50, cheats: always },
  { name: 'rare', what: 'cheats on one answer in twenty', share: 50, cheats: () => 0.05 },
  {
    name: 'colluding',
    what: 'a fifth of all nodes cheat, and find nothing in each other’s answers',
    share: 200,
    cheats: always,
    audits: (friends) => ({ friends }),
  },
  {
    name: 'sybil',
    what: 'cheats on every answer under keys without a bond that it changes every ten epochs',
    share: 50,
    cheats: always,
    rotates: 10,
  },
  {
    name: 'self-dealing',
    what: 'its nodes give each other five jobs an epoch, with answers that they keep, for no work',
    share: 50,
    selfDeals: 5,
  },
  {
    name: 'silent',
    what: 'as a requester it takes answers and settles nothing',
    share: 50,
    silent: true,
  },
  {
    name: 'lazy',
    what: 'as an auditor it never reads, and says ok',
    share: 50,
    audits: () => 'lazy',
  },
  {
    name: 'farmer',
    what: 'honest for half of the run, then cheats on every answer',
    share: 50,
    cheats: (done) => done < 0.5 ? 0 : 1,
  },
  {
    name: 'leaver',
    what:
      'asks for its bond back, and cheats on every answer for the time before it is free and after',
    share: 50,
    leaves: 0.25,
    cheats: (done) => done < 0.5 ? 0 : 1,
  },
];

/** How many operators of that share there are. */
export function operatorsOf(nodes: number, share: number): number {
  return Math.round(nodes * share / 1000);
}
