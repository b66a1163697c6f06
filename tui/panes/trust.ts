import { gauge, type Line, line, span, sparkline, type Tone } from '../draw/mod.ts';
import type { Audit, State } from '../state/mod.ts';
import { auditLines } from './audit_lines.ts';
import { proofLine } from './proof_lines.ts';
import { slashLine } from './slash_lines.ts';
import { trustDetail } from './trust_detail.ts';
import { part, standing, type Trusted, trustedOf } from './trusted.ts';
import type { Pane } from './types.ts';
import { whoColumns } from './who.ts';

/** Whom the audits speak for and against: executors with their tests, auditors with their duties. */
export const trust: Pane<Trusted> = {
  id: 'trust',
  title: 'Trust',
  digit: '4',
  present: (state) => state.trust !== null,
  rows: ({ state }) => trustedOf(state),
  key: (row) => row.key,
  sort: 'test',
  search: (row) =>
    [
      row.key,
      row.name,
      row.self ? 'this node' : '',
      row.executor === null ? '' : 'executor',
      row.auditor === null ? '' : 'auditor',
      standing(row).text,
    ].join(' '),
  subject: (row) => ({ copy: row.key, ...(row.self ? {} : { peer: row.key }) }),
  empty: 'nobody was audited yet',
  columns: [
    ...whoColumns(2),
    {
      id: 'standing',
      title: 'FOUND',
      width: 10,
      priority: 0,
      cell: standing,
      by: (r) => standing(r).text,
    },
    {
      id: 'test',
      title: 'TEST',
      width: 10,
      grow: 40,
      priority: 1,
      cell: (r, _, width) =>
        r.executor === null ? '' : { text: gauge(part(r), width), tone: heat(r) },
      by: (r) => (r.executor === null ? null : isProven(r) ? Infinity : part(r)),
      descending: true,
    },
    {
      id: 'log',
      title: 'LOG E',
      width: 9,
      align: 'right',
      priority: 0,
      cell: ({ executor: e }) => (e === null ? '-' : `${e.log.toFixed(1)}/${e.limit.toFixed(1)}`),
      by: (r) => r.executor?.log ?? null,
      descending: true,
    },
    {
      id: 'moves',
      title: 'MOVES',
      width: 8,
      grow: 32,
      priority: 6,
      cell: ({ executor: e }, _, width) =>
        e === null || e.limit <= 0
          ? ''
          : { text: sparkline(e.history.map(({ log }) => log), width, e.limit), tone: 'accent' },
    },
    {
      id: 'audited',
      title: 'AUDITED',
      width: 7,
      align: 'right',
      priority: 1,
      cell: ({ executor: e }) => (e === null ? '-' : `${e.audited}/${e.subjects}`),
      by: (r) => r.executor?.audited ?? null,
      descending: true,
    },
    {
      id: 'withheld',
      title: 'WITHHELD',
      width: 8,
      align: 'right',
      priority: 5,
      cell: (r) => fault(r.executor?.withheld),
      by: (r) => r.executor?.withheld ?? null,
      descending: true,
    },
    {
      id: 'rate',
      title: 'RATE',
      width: 5,
      align: 'right',
      priority: 4,
      cell: ({ executor: e }) => (e === null ? '-' : `${Math.round(e.rate * 100)}%`),
      by: (r) => r.executor?.rate ?? null,
      descending: true,
    },
    {
      id: 'owed',
      title: 'OWED',
      width: 4,
      align: 'right',
      priority: 3,
      cell: ({ auditor }) => String(auditor?.owed ?? '-'),
      by: (r) => r.auditor?.owed ?? null,
      descending: true,
    },
    {
      id: 'done',
      title: 'DONE',
      width: 5,
      align: 'right',
      priority: 2,
      cell: ({ auditor }) => String(auditor?.done ?? '-'),
      by: (r) => r.auditor?.done ?? null,
      descending: true,
    },
    {
      id: 'missed',
      title: 'MISSED',
      width: 6,
      align: 'right',
      priority: 2,
      cell: (r) => fault(r.auditor?.missed),
      by: (r) => r.auditor?.missed ?? null,
      descending: true,
    },
  ],
  detail: trustDetail,
  below({ state }, width, height, filter) {
    if (state.trust === null || height < 3) return [];
    const { audits, note, proofs } = state.trust;
    const proven = proofs === null ? [] : [proofLine(proofs)];
    const head = [summary(state), ...proven, ...(note === null ? [] : [line(`! ${note}`, 'warn')])];
    const shown = filter === '' ? audits : audits.filter((one) => searched(one).includes(filter));
    const slashed = slashes(state, height - head.length, filter);
    return [
      ...head,
      ...slashed,
      ...auditLines(shown, width, height - head.length - slashed.length),
    ];
  },
};

/** A number of faults: none is told plainly, some with a mark. */
function fault(count: number | undefined) {
  if (count === undefined) return '-';
  return count === 0 ? '0' : { text: `!${count}`, tone: 'bad' as const };
}

function isProven({ cheat, slashed }: Trusted): boolean {
  return cheat !== null || slashed;
}

/** How near to its limit a test is. */
function heat(row: Trusted): Tone {
  const near = part(row);
  return isProven(row) || near >= 1 ? 'bad' : near >= 0.5 ? 'warn' : 'good';
}

/** The whole in a line: what is proven, this node's duties, everybody's. */
function summary(state: State): Line {
  const { epoch, owed, done, missed, auditors } = state.trust!;
  const proven = trustedOf(state).filter(isProven).length;
  const sum = (of: 'owed' | 'done' | 'missed') => auditors.reduce((n, one) => n + one[of], 0);
  return [
    span(epoch === null ? 'no cut yet' : `cut ${epoch}`, 'bold'),
    proven === 0 ? span('  no proven cheat', 'dim') : span(`  ! ${proven} proven to cheat`, 'bad'),
    span(`  here: ${owed} owed, ${done} done, `),
    span(`${missed} missed`, missed === 0 ? 'plain' : 'bad'),
    span(`  all: ${sum('owed')} owed, ${sum('done')} done, ${sum('missed')} missed`),
  ];
}

/** Bonds that were cut, the newest last; they may take a quarter of the room. */
function slashes({ ledger, status }: State, height: number, filter: string): Line[] {
  const found = (ledger?.slashes ?? []).filter(({ offender, cause, refunds }) =>
    filter === '' ||
    `slash ${offender} ${cause} ${refunds.map(({ client }) => client).join(' ')}`.includes(filter)
  );
  const room = Math.ceil(height / 4) - 1;
  if (found.length === 0 || room < 1) return [];
  const title = room < 3 ? [] : [line('slashed, newest last', 'bold')];
  const shown = found.slice(title.length - room).map((slash) => slashLine(slash, status?.key));
  return [...title, ...shown];
}

function searched(audit: Audit): string {
  const { subject, job, executor, auditor, state, finding, detail, panel, own } = audit;
  const words = `${panel ? 'panel' : ''} ${own ? 'this node' : ''}`;
  return `${subject} ${job} ${executor} ${auditor} ${state} ${finding} ${words} ${detail}`
    .toLowerCase();
}
