import type { CutView } from '../../feeds/agreement/mod.ts';

/** A rule that is left out, to see that the search finds what comes of it. */
export type Mutation = 'none' | 'no lock' | 'half a quorum' | 'no memory';

/** Who is who: witnesses of equal weight, some of them Byzantine. */
export interface Cast {
  count: number;
  /** Byzantine ones, by number. */
  bad: readonly number[];
  mutation: Mutation;
}

/** Voices that are a quorum under the (perhaps mutated) rules. */
export function voicesOf({ count, mutation }: Cast): number {
  return mutation === 'half a quorum' ? Math.ceil(count / 2) : Math.floor(2 * count / 3) + 1;
}

/** The proposer of a round. */
export function proposerOf({ count }: Cast, epoch: number, round: number): number {
  return (epoch + round) % count;
}

/** A view in which a witness does not see what it precommitted in the rounds before. */
export function lockless(view: CutView, round: () => number): CutView {
  const tallyOf = () =>
    new Proxy(view.tally, {
      get(tally, name) {
        if (name === 'votesOf') {
          return (step: 'prevote' | 'precommit', at: number, witness: string) =>
            step === 'precommit' && at < round() ? [] : tally.votesOf(step, at, witness);
        }
        const value = tally[name as keyof typeof tally];
        return typeof value === 'function' ? (value as () => unknown).bind(tally) : value;
      },
    });
  return new Proxy(view, {
    get(view, name) {
      return name === 'tally' ? tallyOf() : view[name as keyof CutView];
    },
  });
}
