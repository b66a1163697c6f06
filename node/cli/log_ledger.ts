import { ncuText } from '../../feeds/base/mod.ts';
import type { NodeEvent } from '../control/mod.ts';
import { short } from './answer.ts';
import type { LogLevel } from './log_render.ts';

const CAUSES: Record<string, string> = {
  lifetime: 'proven by its audits',
  contradiction: 'it contradicts what it signed itself',
  equivocation: 'it signed two things that exclude each other',
  fork: 'it rewrote its log',
};

/** What of the ledger is worth a line to a node's owner; null where nothing is. */
export function ledgerSaid(event: NodeEvent, self: string | null): [LogLevel, string] | null {
  const ncu = `${ncuText(Number(event.amount ?? 0))} NCU`;
  switch (event.event) {
    case 'payment': {
      const { earned, net, gross, requester, executor, tokens } = event;
      const what = `${tokens} tokens`;
      return earned
        ? ['info', `earned ${ncuText(Number(net))} NCU from ${short(requester)} for ${what}`]
        : ['debug', `paid ${ncuText(Number(gross))} NCU to ${short(executor)} for ${what}`];
    }
    case 'slashed': {
      const why = CAUSES[String(event.cause)] ?? String(event.cause);
      const who = event.offender === self ? 'this node' : short(event.offender);
      return ['warning', `${who} was slashed: ${ncu} of its bond; ${why}`];
    }
    case 'refunded':
      return ['info', `${ncu} came back for an answer of ${short(event.executor)}`];
    case 'bonded':
      return ['info', `${ncu} are bonded`];
    case 'unbonding':
      return ['info', `${ncu} of the bond were asked back`];
    case 'unbonded':
      return ['info', `${ncu} of the bond are free`];
    case 'fined':
      return ['warning', `${ncu} were lost: a duty of this node was not done in time`];
    case 'balance-low':
      return [
        'warning',
        `${ncuText(Number(event.spendable))} NCU are left: at this pace they last for ` +
        `${event.epochs} epochs (see nexus balance)`,
      ];
    case 'root-differs':
      return [
        'error',
        `after cut ${event.epoch} the witnesses vouch for root ${event.certified}, and ` +
        `${event.root} follows here: balances here are not the network's (see nexus doctor)`,
      ];
    case 'banned':
      return event.proof === undefined ? null : [
        'warning',
        `${short(event.key)} is banned: what it signed proves misconduct (${event.proof})`,
      ];
    default:
      return null;
  }
}
