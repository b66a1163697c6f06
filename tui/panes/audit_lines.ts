import { fit, type Line, line, span, type Tone } from '../draw/mod.ts';
import { type Audit, short } from '../state/mod.ts';

const MARKS: Record<string, readonly [mark: string, tone: Tone]> = {
  ok: ['✓', 'good'],
  trigger: ['?', 'warn'],
  fraud: ['!', 'bad'],
  inconclusive: ['~', 'dim'],
  withheld: ['~', 'warn'],
  missed: ['!', 'bad'],
};

/** An audit in a line: the cut that drew it, whose answer, by whom, how far it is or what came out. */
export function auditLine(audit: Audit, width: number): Line {
  const { epoch, executor, auditor, own, panel, state, finding, due, detail } = audit;
  const verdict = finding ?? state;
  const [mark, tone] = MARKS[verdict] ?? ['·', 'plain'];
  const told = [
    span(looked(audit)),
    span(due === null ? '' : `due in cut ${due}`, own ? 'warn' : 'dim'),
    span(detail, 'dim'),
  ].filter(({ text }) => text !== '');
  return [
    span(fit(`#${epoch}`, 6, 'right'), 'dim'),
    span(` ${mark} ${fit(verdict, 12)} `, tone),
    span(fit(short(executor), 8)),
    span(' by ', 'dim'),
    span(fit(own ? 'this node' : short(auditor), 9), own ? 'bold' : 'plain'),
    span(fit(panel ? ' panel' : '', 7), 'warn'),
    ...(width < 100 ? [] : [span(`job ${fit(short(audit.job), 8)} #${audit.attempt}  `, 'dim')]),
    ...told.flatMap(({ text, tone }, i) => [span(i === 0 ? '' : ' '), span(text, tone)]),
  ];
}

const ENDED: ReadonlySet<Audit['state']> = new Set(['revealed', 'withheld', 'missed']);

/** What came out of audits, the newest last, and under it those that are owed, own ones first. */
export function auditLines(audits: readonly Audit[], width: number, height: number): Line[] {
  const ended = audits.filter(({ state }) => ENDED.has(state));
  const owed = audits.filter(({ state }) => !ENDED.has(state))
    .sort((a, b) => Number(b.own) - Number(a.own) || (a.due ?? Infinity) - (b.due ?? Infinity));
  const under = owed.length === 0 ? 0 : ended.length === 0 ? height : Math.floor(height / 3);
  const below = listed('audits owed', owed.slice(0, Math.max(0, under - 1)), width);
  const room = height - below.length - 1;
  return [...listed('verdicts, newest last', room < 1 ? [] : ended.slice(-room), width), ...below];
}

function listed(title: string, audits: readonly Audit[], width: number): Line[] {
  if (audits.length === 0) return [];
  return [line(title, 'bold'), ...audits.map((audit) => auditLine(audit, width))];
}

/** `3 of 64 differ`; empty where nothing was looked at. */
export function looked({ positions, mismatches }: Audit): string {
  if (positions === null) return '';
  return mismatches === null ? `${positions} positions` : `${mismatches} of ${positions} differ`;
}
