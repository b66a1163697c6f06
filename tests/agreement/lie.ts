import type { ProposalRecord, VoteRecord } from '../../feeds/records/mod.ts';
import { headOf, keyOf, NETWORK, signAs, type World } from './world.ts';

/**
 * A Byzantine witness tells one of the others something, signed; the numbers say who and what, each
 * modulo what there is.
 */
export async function lie(
  world: World,
  to: number,
  from: number,
  much: number,
  other: number,
): Promise<void> {
  const liar = world.all.length - 1 - from % world.bad;
  const { view, voter } = world.honest[to]!;
  const round = Math.max(0, voter.round + (much % 3) - 1);
  const base = { network: NETWORK, epoch: view.epoch, round, witness: keyOf(liar) };
  const log = world.logOf(liar, to);
  if (
    other < 3 &&
    view.quorum.proposer(view.epoch, round) === Buffer.from(keyOf(liar)).toString('hex')
  ) {
    const at = other % world.lengths.length;
    const length = world.lengths[at]! + (much === 0 ? 3 : 0) - (much === 1 ? 1 : 0);
    const heads = length > 0 ? [headOf(at, length)] : [];
    const validRound = much === 2 && round > 0 ? round - 1 : null;
    log.push(
      await signAs<ProposalRecord>({
        type: 'proposal',
        ...base,
        previous: view.previous,
        heads,
        validRound,
        seats: much === 3 ? [{ key: keyOf(liar), weight: 1 }] : null,
      }),
    );
    return;
  }
  const known = world.proposed(view.epoch);
  const cut = known[other % (known.length + 1)] ?? null;
  for (const step of ['prevote', 'precommit'] as const) {
    if (much === 3 && step === 'prevote') continue;
    log.push(await signAs<VoteRecord>({ type: 'vote', ...base, step, cut }));
  }
}
