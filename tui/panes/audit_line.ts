import { fit, type Line, span, type Tone } from '../draw/mod.ts';
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
  return [
    span(fit(`#${epoch}`, 6, 'right'), 'dim'),
    span(` ${mark} ${fit(verdict, 12)} `, tone),
    span(fit(short(executor), 8)),
    span(' by ', 'dim'),
    span(fit(own ? 'this node' : short(auditor), 9), own ? 'bold' : 'plain'),
    span(fit(panel ? ' panel' : '', 7), 'warn'),
    ...(width < 100 ? [] : [span(`job ${fit(short(audit.job), 8)} #${audit.attempt}  `, 'dim')]),
    span(looked(audit)),
    span(due === null ? '' : ` due in cut ${due}`, own ? 'warn' : 'dim'),
    span(detail === '' ? '' : ` ${detail}`, 'dim'),
  ];
}

/** `3 of 64 differ`; empty where nothing was looked at. */
export function looked({ positions, mismatches }: Audit): string {
  if (positions === null) return '';
  return mismatches === null ? `${positions} positions` : `${mismatches} of ${positions} differ`;
}
