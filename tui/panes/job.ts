import {
  clock,
  duration,
  fit,
  labelled,
  type Line,
  line,
  rate,
  span,
  sparkline,
  type Tone,
} from '../draw/mod.ts';
import { type Candidate, type Job, short } from '../state/mod.ts';
import type { Context } from './types.ts';

/** All about one job: what, who, the router's scores, and its life from offer to receipt. */
export function jobDetail(job: Job, _context: Context, width: number): Line[] {
  return [
    ...labelled(facts(job)),
    ...(job.candidates.length === 0 ? [] : scores(job, width)),
    line(),
    line('timeline', 'bold'),
    ...timeline(job),
  ];
}

function facts(job: Job): [string, string, Tone?][] {
  const rows: [string, string, Tone?][] = [
    ['job', job.id],
    ['state', `${job.state}${job.finish === null ? '' : ` (${job.finish})`}`],
    ['model', job.model ?? '-'],
    ['asked by', job.own ? 'this node' : job.requester ?? '-'],
    ['executor', `${job.executor ?? '-'}${job.where === null ? '' : ` (${job.where})`}`],
    ['attempt', `${job.attempt + 1}, failovers ${job.failovers}`],
    ['first token', duration(job.firstTokenMs)],
    ['tokens', `${job.tokens} out, ${job.promptTokens ?? '-'} in`],
    ['tokens/s', `${rate(job.rate)}  ${sparkline(job.rates, 40)}`],
    ['total', duration(job.totalMs)],
    ['receipt', job.receipt ?? '-'],
  ];
  if (job.error !== null) {
    const { code, message, hint } = job.error;
    rows.push(['error', `${message} (${code})`, 'bad']);
    if (hint !== null) rows.push(['hint', hint]);
  }
  for (const warning of job.warnings) rows.push(['warning', warning, 'warn']);
  return rows;
}

/** The recorded scores: a line for each candidate, a column for each reason. */
function scores(job: Job, width: number): Line[] {
  const names = [...new Set(job.candidates.flatMap((c) => c.reasons.map((r) => r.name)))];
  const columns = names.map((name) => ({ name, width: Math.max(name.length, 7) }));
  const head = ['  executor', '    cost', ...columns.map((c) => fit(c.name, c.width, 'right'))];
  const ordered = [...job.candidates].sort((a, b) => (a.cost ?? Infinity) - (b.cost ?? Infinity));
  const chance = job.chance === null ? '' : ` (drawn with ${(job.chance * 100).toFixed(0)} %)`;
  return [
    line(),
    line(`why this executor${chance}: lower cost is better`, 'bold'),
    line(fit(head.join('  '), width), 'dim'),
    ...ordered.map((candidate) => score(candidate, job.executor, columns)),
  ];
}

function score(
  candidate: Candidate,
  chosen: string | null,
  columns: readonly { name: string; width: number }[],
): Line {
  const mark = candidate.executor === chosen ? '> ' : '  ';
  const name = `${mark}${fit(short(candidate.executor), 8)}`;
  if (candidate.refused !== null) return [span(name), span(`  ${candidate.refused}`, 'warn')];
  const cells = columns.map(({ name, width }) => {
    const reason = candidate.reasons.find((r) => r.name === name);
    const text = reason === undefined
      ? '-'
      : reason.unit === 'x'
      ? `x${reason.value.toFixed(2)}`
      : duration(reason.value);
    return fit(text, width, 'right');
  });
  const cost = candidate.cost === null ? '-' : candidate.cost.toFixed(0);
  const text = [name, fit(cost, 8, 'right'), ...cells].join('  ');
  return [span(text, candidate.executor === chosen ? 'bold' : 'plain')];
}

function timeline(job: Job): Line[] {
  const start = job.startedAt;
  return [...job.steps].sort((a, b) => a.at - b.at).map(({ at, name, detail, bad }) => [
    span(`${clock(at)} `, 'dim'),
    span(fit(at === start ? '0' : `+${duration(Math.max(0, at - start))}`, 9, 'right'), 'dim'),
    span(`  ${bad ? '!' : '·'} `, bad ? 'bad' : 'plain'),
    span(fit(name, 13), bad ? 'bad' : 'plain'),
    span(detail),
  ]);
}
