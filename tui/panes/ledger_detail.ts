import { ncuText } from '../../feeds/base/mod.ts';
import { labelled, type Line, line, type Tone } from '../draw/mod.ts';
import { credence, type Holder, isUncovered, percent, worth } from './account.ts';
import { paymentLine } from './payment_lines.ts';
import { slashDetail } from './slash_lines.ts';
import type { Context } from './types.ts';

/** All that the ledger says of one account: amounts exactly, its slashes, payments between it and us. */
export function ledgerDetail(row: Holder, { state }: Context, width: number): Line[] {
  const { ledger, status } = state;
  const me = status?.key;
  const own = row.self ? ledger?.own ?? null : null;
  const { text, tone } = credence(row);
  const exact = (label: string, micro: number, more = ''): [string, string, Tone?] => [
    label,
    `${ncuText(micro)} NCU${more}`,
    micro === 0 ? 'dim' : 'plain',
  ];
  const facts: [string, string, Tone?][] = [
    ['key', row.key],
    ['name', row.self ? 'this node' : row.name ?? '-'],
    ['standing', text, tone],
    exact('worth', worth(row)),
    exact('available', row.available),
    exact('escrow', row.escrow, ', held for its jobs'),
    exact('pending', row.pending, ', free when its challenge windows are over'),
    exact('bonded', row.bonded),
    exact('unbonding', row.unbonding, ' of it, and can be slashed until it is free'),
    ...(own?.unbonds ?? []).map(({ amount, cut }) =>
      exact('', amount, ` are free after cut ${cut}`)
    ),
    exact('owed', row.owed, own === null ? '' : `, ${ncuText(own.credit)} of credit left`),
    exact('earned', row.earned, ' over all epochs'),
    exact('spent', row.spent, ' over all epochs'),
    ['reputation', `${percent(row.reputation)} after ${row.verified} verified epochs`],
    ['answers', `${row.served} ended well, ${row.failed} failed`],
    ['violations', String(row.violations), row.violations > 0 ? 'bad' : 'plain'],
  ];
  if (own !== null) {
    const covered = isUncovered(own) ? 'warn' : 'plain';
    facts.push(
      ['next answer', own.rate === null ? '-' : `audited with a chance of ${percent(own.rate)}`],
      ['unsettled', `${ncuText(own.unsettled)} NCU of ${ncuText(own.cap)} covered`, covered],
    );
  }
  const slashes = (ledger?.slashes ?? []).filter(({ offender }) => offender === row.key);
  const payments = (ledger?.payments ?? []).filter(({ executor, requester }) =>
    row.self || executor === row.key || requester === row.key
  );
  return [
    ...labelled(facts),
    ...slashes.toReversed().flatMap((slash) => [line(), ...slashDetail(slash, me)]),
    ...(payments.length === 0 ? [] : [
      line(),
      line(`payments${row.self ? '' : ' between it and this node'}, newest first`, 'bold'),
      ...payments.toReversed().map((payment) => paymentLine(payment, me, width)),
    ]),
    line(),
    line(
      'y copies the key: nexus ledger --account KEY prints it, nexus ledger prove proves it',
      'dim',
    ),
  ];
}
