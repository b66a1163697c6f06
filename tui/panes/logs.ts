import { counted } from '../../feeds/base/mod.ts';
import { bytes, clock, fit, labelled, type Line, line, span } from '../draw/mod.ts';
import { type Core, type Entry, short, type State } from '../state/mod.ts';
import type { Context, Pane } from './types.ts';

/** The heads of all logs, the newest entries, and what a replay found wrong. */
export const logs: Pane<Core> = {
  id: 'logs',
  title: 'Logs',
  digit: '3',
  present: (state) => state.cores.size > 0 || state.entries.length > 0,
  rows: ({ state }) => [...state.cores.values()],
  key: (core) => core.key,
  sort: 'owner',
  search: (core) => [core.key, core.owner, core.log, core.own ? 'own' : ''].join(' '),
  subject: (core) => ({
    copy: core.key,
    ...(core.own || core.owner === null ? {} : { peer: core.owner }),
  }),
  empty: 'no log is held here',
  columns: [
    {
      id: 'owner',
      title: 'OWNER',
      width: 9,
      priority: 0,
      cell: (c) => (c.own ? { text: 'this node', tone: 'bold' } : short(c.owner)),
      by: (c) => (c.own ? '' : c.owner),
    },
    {
      id: 'log',
      title: 'LOG',
      width: 12,
      priority: 0,
      cell: (c) => c.log ?? '?',
      by: (c) => c.log,
    },
    {
      id: 'length',
      title: 'LENGTH',
      width: 8,
      align: 'right',
      priority: 0,
      cell: (c) => String(c.length),
      by: (c) => c.length,
      descending: true,
    },
    {
      id: 'lag',
      title: 'LAG',
      width: 7,
      align: 'right',
      priority: 1,
      cell: (c) => (c.lag === 0 ? '0' : { text: String(c.lag), tone: 'warn' }),
      by: (c) => c.lag,
      descending: true,
    },
    {
      id: 'fork',
      title: 'FORK',
      width: 5,
      align: 'right',
      priority: 1,
      cell: (c) => (c.fork === 0 ? '0' : { text: `!${c.fork}`, tone: 'bad' }),
      by: (c) => c.fork,
      descending: true,
    },
    {
      id: 'bytes',
      title: 'BYTES',
      width: 8,
      align: 'right',
      priority: 2,
      cell: (c) => bytes(c.bytes),
      by: (c) => c.bytes,
      descending: true,
    },
    {
      id: 'core',
      title: 'CORE',
      width: 8,
      priority: 2,
      cell: (c) => short(c.key),
      by: (c) => c.key,
    },
    {
      id: 'hash',
      title: 'TREE HASH',
      width: 10,
      grow: 64,
      priority: 3,
      cell: (c) => ({ text: c.treeHash, tone: 'dim' }),
    },
  ],
  detail,
  below({ state }, width, height, filter) {
    if (height < 3) return [];
    const found = findings(state, filter, Math.max(2, Math.floor(height / 3)));
    const room = height - found.length - 1;
    const entries = state.entries.filter((e) => filter === '' || searched(e).includes(filter));
    if (entries.length === 0) return found;
    return [
      line('entries, newest last', 'bold'),
      ...entries.slice(-room).map((entry) => entryLine(entry, width)),
      ...found,
    ];
  },
};

function findings({ findings }: State, filter: string, max: number): Line[] {
  if (findings === null) return [];
  const { rows, unresolved, digest } = findings;
  const wrong = counted(rows.length, 'inconsistency', 'inconsistencies');
  const heading = `replay: ${wrong}, ${unresolved} unresolved, digest ${short(digest)}`;
  const shown = rows.filter(({ code, core, detail }) =>
    `${code} ${core} ${detail}`.toLowerCase().includes(filter)
  );
  return [
    line(heading, rows.length === 0 ? 'bold' : 'bad'),
    ...shown.slice(0, max - 1).map(({ code, core, index, detail }): Line => [
      span('! ', 'bad'),
      span(`${code} ${short(core)}${index === null ? '' : ` #${index}`}: ${detail}`),
    ]),
  ];
}

function searched(entry: Entry): string {
  const fields = entry.fields.map(([name, value]) => `${name}=${value}`).join(' ');
  return `${entry.type} ${entry.log} ${entry.owner} ${entry.core} ${entry.job} ${fields}`
    .toLowerCase();
}

function entryLine(entry: Entry, width: number): Line {
  const { at, owner, log, index, type, error } = entry;
  const fields = entry.fields.map(([name, value]) => `${name}=${value}`).join(' ');
  return [
    span(`${clock(at)} `, 'dim'),
    span(`${fit(short(owner), 8)} `),
    ...(width < 60 ? [] : [span(`${fit(log ?? '?', 12)} `, 'dim')]),
    span(`${fit(`#${index}`, 6, 'right')} `, 'dim'),
    error === null ? span(`${fit(type ?? '?', 10)} `, 'accent') : span(`! ${error} `, 'bad'),
    span(fields),
  ];
}

function detail(core: Core, { state }: Context, width: number): Line[] {
  const entries = state.entries.filter((entry) => entry.core === core.key).slice(-64).reverse();
  const found = state.findings?.rows.filter((finding) => finding.core === core.key) ?? [];
  return [
    ...labelled([
      ['core', core.key],
      ['owner', core.own ? `${core.owner ?? '?'} (this node)` : core.owner ?? 'not known yet'],
      ['log', core.log ?? 'not known yet'],
      ['length', `${counted(core.length, 'entry', 'entries')}, ${bytes(core.bytes)}`],
      ['lag', core.lag === 0 ? 'none: all of it is here' : `${core.lag} entries are not here`],
      ['fork', core.fork === 0 ? '0' : `${core.fork}: the writer has rewritten it`],
      ['tree hash', core.treeHash],
    ]),
    line(),
    line(
      `inconsistencies found by replay${state.findings === null ? ': not replayed yet' : ''}`,
      'bold',
    ),
    ...(found.length === 0 ? [line('none', 'dim')] : found.map(({ code, index, detail }) => [
      span('! ', 'bad'),
      span(`${code}${index === null ? '' : ` #${index}`}: ${detail}`),
    ])),
    line(),
    line('entries, newest first', 'bold'),
    ...(entries.length === 0 ? [line('none of the newest', 'dim')] : entries.flatMap((entry) => [
      entryLine(entry, width),
    ])),
  ];
}
