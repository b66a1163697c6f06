import { gauge, labelled, type Line, line, span, sparkline, type Tone } from '../draw/mod.ts';
import { type Audit, type Cheat, short } from '../state/mod.ts';
import { auditLine, looked } from './audit_lines.ts';
import { slashDetail } from './slash_lines.ts';
import { part, standing, type Trusted } from './trusted.ts';
import type { Context } from './types.ts';

/** Audits that are told of one key, the newest. */
const MAX_AUDITS = 64;

/** All that is on record of one key: proof, test, audits of its answers, its duties as an auditor. */
export function trustDetail(row: Trusted, { state }: Context, width: number): Line[] {
  const audits = state.trust?.audits ?? [];
  const { text, tone } = standing(row);
  const facts: [string, string, Tone?][] = [
    ['key', row.key],
    ['name', row.self ? 'this node' : row.name ?? '-'],
    ['found', text, tone],
  ];
  return [
    ...labelled([...facts, ...testFacts(row, width), ...dutyFacts(row)]),
    ...(row.cheat === null ? [] : proof(row.cheat, audits)),
    ...(state.ledger?.slashes ?? []).filter(({ offender }) => offender === row.key)
      .flatMap((slash) => [line(), ...slashDetail(slash, state.status?.key)]),
    ...section('audits of its answers, newest first', audits, width, (a) => a.executor === row.key),
    ...section('its audits of others, newest first', audits, width, (a) => a.auditor === row.key),
  ];
}

function testFacts(row: Trusted, width: number): [string, string, Tone?][] {
  const { executor } = row;
  if (executor === null) return [];
  const { log, limit, history, subjects, audited, clean, suspect, withheld, planted, rate } =
    executor;
  const room = Math.max(8, Math.min(64, width - 24));
  const first = history[0]?.epoch, last = history.at(-1)?.epoch;
  const moved = sparkline(history.map((point) => point.log), room, limit > 0 ? limit : undefined);
  return [
    ['test', `${gauge(part(row), Math.min(40, room))} ${Math.round(part(row) * 100)} %`],
    [
      'log e',
      `${log.toFixed(2)} of ${limit.toFixed(2)} nats: e-value ${figure(Math.exp(log))}, ` +
      `proven from ${figure(Math.exp(limit))} on`,
    ],
    ['moves', first === undefined ? 'not yet' : `${moved}  cuts ${first} to ${last}`],
    ['answers', `${subjects} seen, ${audited} audited, ${clean} clean since the last that was not`],
    [
      'against',
      `${suspect} suspect, ${withheld} withheld`,
      suspect + withheld > 0 ? 'warn' : 'plain',
    ],
    ...(planted === 0 ? [] : [['planted', `${planted}, to test auditors`] as [string, string]]),
    ['next answer', `audited with a chance of ${Math.round(rate * 100)} %`],
  ];
}

function dutyFacts({ auditor }: Trusted): [string, string, Tone?][] {
  if (auditor === null) return [];
  const { owed, done, missed, against, copied, canaries, wrong } = auditor;
  const bad = against + copied + wrong > 0;
  return [
    ['duties', `${owed} owed, ${done} done, ${missed} missed`, missed > 0 ? 'warn' : 'plain'],
    [
      'verdicts',
      `${against} against the majority, ${copied} copied, ${wrong} of ${canaries} canaries wrong`,
      bad ? 'warn' : 'plain',
    ],
  ];
}

/** What proves it, and the entries that anybody can check it by. */
function proof(
  { executor, cause, epoch, log, subjects, detail }: Cheat,
  audits: readonly Audit[],
): Line[] {
  const where = epoch === null ? 'outside the cuts' : `in cut ${epoch}`;
  const at = log === null ? '' : ` at log e ${log.toFixed(2)}`;
  return [
    line(),
    line(`! proven a cheat ${where}: ${cause}${at}`, 'bad'),
    line(`  ${detail}`),
    line(`  nexus evidence ${short(executor)} writes a file that proves it to anybody`, 'dim'),
    ...(subjects.length === 0
      ? []
      : [line('  evidence: hashes of the audited entries, newest first', 'bold')]),
    ...subjects.toReversed().flatMap((subject) => [
      line(`  ${subject}`),
      ...audits.filter((audit) => audit.subject === subject && audit.finding !== null)
        .map((audit): Line => [
          span('    '),
          span(`${audit.finding}`, audit.finding === 'ok' ? 'plain' : 'bad'),
          span(` by ${short(audit.auditor)}, job ${short(audit.job)}`, 'dim'),
          span(`, ${looked(audit)} ${audit.detail}`.trimEnd()),
        ]),
    ]),
  ];
}

function section(
  title: string,
  audits: readonly Audit[],
  width: number,
  of: (audit: Audit) => boolean,
): Line[] {
  const found = audits.filter(of).slice(-MAX_AUDITS).reverse();
  if (found.length === 0) return [];
  return [line(), line(title, 'bold'), ...found.map((audit) => auditLine(audit, width))];
}

/** A number of which only the size matters. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return 'beyond 1e308';
  return value < 1e4 && value >= 0.01
    ? String(Number(value.toPrecision(3)))
    : value.toExponential(1);
}
