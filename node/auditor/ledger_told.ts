import type { LedgerEvent, Slash } from '../../feeds/ledger/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';
import { slashRow } from './ledger_rows.ts';

/** Something of the ledger that a node tells its owner; amounts are micro-NCU. */
export interface ToldLedger {
  event:
    | 'slashed'
    | 'refunded'
    | 'payment'
    | 'bonded'
    | 'unbonding'
    | 'unbonded'
    | 'fined'
    | 'root-differs';
  fields: Record<string, unknown>;
  /** It is about this node's own account. */
  concerns: boolean;
}

const BONDS = { bond: 'bonded', unbond: 'unbonding', unbonded: 'unbonded' } as const;

/** What of a cut's consequences is worth an event: every slash, and what this node's account had. */
export function tellLedger(events: readonly LedgerEvent[], me: Hex, epoch: number): ToldLedger[] {
  return events.flatMap((event): ToldLedger[] => {
    switch (event.type) {
      case 'slash':
        return tellSlash(event.slash, me);
      case 'payment': {
        const { payment } = event;
        const earned = payment.executor === me;
        if (!earned && payment.requester !== me) return [];
        return [{ event: 'payment', fields: { ...payment, earned }, concerns: true }];
      }
      case 'bond':
      case 'unbond':
      case 'unbonded': {
        const { account, amount } = event;
        if (account !== me) return [];
        return [{ event: BONDS[event.type], fields: { account, amount, epoch }, concerns: true }];
      }
      case 'fine': {
        const { account, amount } = event;
        if (account !== me) return [];
        return [{ event: 'fined', fields: { account, amount, epoch }, concerns: true }];
      }
      case 'differs': {
        const { type: _, ...fields } = event;
        return [{ event: 'root-differs', fields, concerns: true }];
      }
      default:
        return [];
    }
  });
}

/** The slash, and what of it came back to this node. */
function tellSlash(slash: Slash, me: Hex): ToldLedger[] {
  const { subjects: _, ...row } = slashRow(slash);
  const concerns = slash.offender === me;
  const back = slash.refunds.filter(({ client }) => client === me);
  return [
    { event: 'slashed', fields: { ...row }, concerns },
    ...back.map(({ job, attempt, amount }): ToldLedger => ({
      event: 'refunded',
      fields: { job, attempt, executor: slash.offender, amount, epoch: slash.epoch },
      concerns: true,
    })),
  ];
}
