import { type Column, rate, sparkline } from '../draw/mod.ts';
import { attestedText, credit, decodes, energyText, type Machine } from './fingerprint_figures.ts';
import { fingerprintDetail } from './fingerprint_detail.ts';
import { fingerprintLines } from './fingerprint_lines.ts';
import type { Context, Pane } from './types.ts';
import { whoColumns } from './who.ts';

/** A column of output tokens a second, as somebody says. */
function speed(
  id: 'claimed' | 'measured',
  title: string,
  priority: number,
): Column<Machine, Context> {
  return {
    id,
    title,
    width: 8,
    align: 'right',
    priority,
    cell: (r) => {
      const decode = r[id]?.decode ?? null;
      return decode === null ? { text: '-', tone: 'dim' } : rate(decode);
    },
    by: (r) => r[id]?.decode ?? null,
    descending: true,
  };
}

/** What machines claim to do, what this node measured, and what drawn challengers attest. */
export const fingerprints: Pane<Machine> = {
  id: 'fingerprints',
  title: 'Prints',
  digit: '6',
  present: (state) => state.fingerprints !== null,
  rows: ({ state }) =>
    (state.fingerprints?.nodes ?? []).map((node) => ({ ...node, self: node.own })),
  key: (row) => `${row.key}:${row.profile}`,
  sort: 'key',
  search: (row) =>
    [row.key, row.name, row.self ? 'this node' : '', row.model, row.profile, credit(row).text]
      .join(' '),
  subject: (row) => ({ copy: row.key, ...(row.self ? {} : { peer: row.key }) }),
  empty: 'no machine has said or shown yet how fast it is',
  columns: [
    ...whoColumns<Machine>(4),
    {
      id: 'model',
      title: 'MODEL',
      width: 12,
      grow: 24,
      priority: 5,
      cell: (r) => r.model ?? r.profile.slice(0, 8),
      by: (r) => r.model ?? r.profile,
    },
    {
      id: 'credit',
      title: 'CLASS',
      width: 11,
      priority: 0,
      cell: credit,
      by: (r) => credit(r).text,
    },
    speed('claimed', 'CLAIMED', 1),
    speed('measured', 'MEASURED', 2),
    {
      id: 'attested',
      title: 'ATTESTED',
      width: 11,
      align: 'right',
      priority: 0,
      cell: (r) => attestedText(r.attested?.decode ?? null),
      by: (r) => r.attested?.decode.low ?? null,
      descending: true,
    },
    {
      id: 'prefill',
      title: 'PREFILL',
      width: 11,
      align: 'right',
      priority: 7,
      cell: (r) => attestedText(r.attested?.prefill ?? null),
      by: (r) => r.attested?.prefill.low ?? null,
      descending: true,
    },
    {
      id: 'moves',
      title: 'HISTORY',
      width: 8,
      grow: 24,
      priority: 6,
      cell: (r, _, width) => ({ text: sparkline(decodes(r), width), tone: 'accent' }),
    },
    {
      id: 'energy',
      title: 'J/TOKEN',
      width: 12,
      align: 'right',
      priority: 3,
      cell: energyText,
      by: (r) => r.energy?.outputToken ?? null,
    },
    {
      id: 'until',
      title: 'UNTIL',
      width: 6,
      align: 'right',
      priority: 8,
      cell: (r) => (r.attested === null ? '-' : `#${r.attested.until}`),
      by: (r) => r.attested?.until ?? null,
    },
  ],
  detail: fingerprintDetail,
  below: ({ state, now }, width, height, filter) =>
    state.fingerprints === null || height < 2
      ? []
      : fingerprintLines(state.fingerprints, { now, width, height, filter }),
};
