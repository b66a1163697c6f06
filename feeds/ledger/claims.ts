import type { PrintEvent } from '../fingerprints/mod.ts';
import type { Desk } from './desk.ts';
import type { Member } from './member.ts';

/**
 * Whose claim of its machine at least two challengers contradict, and most of those who were drawn,
 * loses verified epochs: reputation, and no money. That its machine was busy or hot may be the cause,
 * so it is nothing that cannot be earned again; and it comes again with every measurement.
 */
export function takeClaims(
  events: readonly PrintEvent[],
  judged: Set<Member>,
  { book, world }: Desk,
): void {
  for (const event of events) {
    if (event.type !== 'claim-contradicted') continue;
    const { executor, place, figures } = event;
    const { figure, claimed, low, high } = figures[0]!;
    const detail = `${figure} ${claimed} claimed, from ${low} to ${high} measured`;
    world.refuse('claim-contradicted', place, executor, detail);
    const member = book.member(executor), { account } = member;
    account.verified = Math.max(0, account.verified - world.rules.claimCost);
    book.touch(member);
    judged.add(member);
  }
}
