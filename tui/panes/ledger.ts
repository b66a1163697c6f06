import type { Column } from '../draw/mod.ts';
import { ncu } from '../state/mod.ts';
import { credence, type Holder, holdersOf, percent, worth } from './account.ts';
import { ledgerDetail } from './ledger_detail.ts';
import { ledgerLines } from './ledger_lines.ts';
import type { Context, Pane } from './types.ts';
import { whoColumns } from './who.ts';

type Amount = 'available' | 'pending' | 'bonded' | 'owed' | 'escrow' | 'earned' | 'spent';

/** A column of amounts. */
function money(id: Amount, title: string, priority: number): Column<Holder, Context> {
  return {
    id,
    title,
    width: 9,
    align: 'right',
    priority,
    cell: (r) => (r[id] === 0 ? { text: '-', tone: 'dim' } : ncu(r[id])),
    by: (r) => r[id],
    descending: true,
  };
}

/** Who has how much, what work costs, what this node earns. Amounts are NCU. */
export const ledger: Pane<Holder> = {
  id: 'ledger',
  title: 'Ledger',
  digit: '5',
  present: (state) => state.ledger !== null,
  rows: ({ state }) => holdersOf(state),
  key: (row) => row.key,
  sort: 'worth',
  search: (row) => [row.key, row.name, row.self ? 'this node' : '', credence(row).text].join(' '),
  subject: (row) => ({ copy: row.key, ...(row.self ? {} : { peer: row.key }) }),
  empty: 'nobody has an account yet',
  columns: [
    ...whoColumns(2),
    {
      id: 'standing',
      title: 'STANDING',
      width: 9,
      priority: 1,
      cell: credence,
      by: (r) => credence(r).text,
    },
    {
      id: 'worth',
      title: 'WORTH',
      width: 9,
      align: 'right',
      priority: 0,
      cell: (r) => ncu(worth(r)),
      by: worth,
      descending: true,
    },
    money('available', 'AVAILABLE', 0),
    money('pending', 'PENDING', 1),
    money('bonded', 'BONDED', 0),
    money('owed', 'OWED', 6),
    money('escrow', 'ESCROW', 8),
    {
      id: 'reputation',
      title: 'REP',
      width: 5,
      align: 'right',
      priority: 1,
      cell: (r) => percent(r.reputation),
      by: (r) => r.reputation,
      descending: true,
    },
    {
      id: 'served',
      title: 'SERVED',
      width: 9,
      align: 'right',
      priority: 9,
      cell: (r) => `${r.served}/${r.served + r.failed}`,
      by: (r) => r.served,
      descending: true,
    },
    money('earned', 'EARNED', 3),
    money('spent', 'SPENT', 4),
  ],
  detail: ledgerDetail,
  below: ({ state, now }, width, height, filter) =>
    state.ledger === null || height < 3
      ? []
      : ledgerLines(state.ledger, { me: state.status?.key, now, width, height, filter }),
};
