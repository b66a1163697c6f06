import { counted } from '../../feeds/base/mod.ts';
import type { DemoSummary } from './events.ts';

/** The figures of a demonstration as rows of a table, for people. */
export function summaryRows(s: DemoSummary): [string, string][] {
  const killed = s.failoverMs === null ? '' : ', 1 killed in mid-answer';
  return [
    ['nodes', `${s.nodes} on this machine${killed}`],
    ['jobs', `${s.jobs} answered, none lost`],
    ['tokens', `${s.tokens}; ${s.tokensPerSecond.toFixed(0)} a second with many jobs at once`],
    [
      'failover',
      s.failoverMs === null
        ? 'not seen: the answer was over before the kill took effect'
        : `${s.failoverMs.toFixed(0)} ms from the kill to the next word`,
    ],
    ['same text', `${s.sameText ? 'yes' : 'NO'}, compared with an undisturbed run, same seed`],
    ['audit', `${s.entries} log entries replayed, ${inconsistencies(s.findings)}`],
    ['digest', s.digest],
    ['receipt', s.receipt ? 'holds; with one digit changed it is refused' : 'DOES NOT HOLD'],
    ['took', `${(s.totalMs / 1000).toFixed(1)} s`],
  ];
}

function inconsistencies(count: number): string {
  if (count === 0) return 'no inconsistency';
  return counted(count, 'inconsistency', 'inconsistencies');
}
