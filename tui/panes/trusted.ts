import type { Tone } from '../draw/mod.ts';
import type { AuditorTrust, Cheat, ExecutorTrust, State } from '../state/mod.ts';

/** Somebody whose work or verdicts are on record: as an executor, as an auditor, or as both. */
export interface Trusted {
  key: string;
  name: string | null;
  self: boolean;
  executor: ExecutorTrust | null;
  auditor: AuditorTrust | null;
  /** What proves it a cheat. */
  cheat: Cheat | null;
  /** The ledger punished it: for what its own signatures show, audits need not have found anything. */
  slashed: boolean;
}

/** Everybody in the records, executors first. */
export function trustedOf({ trust, ledger, peers, status }: State): Trusted[] {
  const rows = new Map<string, Trusted>();
  if (trust === null) return [];
  const at = (key: string): Trusted => {
    const known = rows.get(key);
    if (known !== undefined) return known;
    const row: Trusted = {
      key,
      name: peers.get(key)?.name ?? null,
      self: key === status?.key,
      executor: null,
      auditor: null,
      cheat: null,
      slashed: false,
    };
    rows.set(key, row);
    return row;
  };
  for (const executor of trust.executors) at(executor.key).executor = executor;
  for (const auditor of trust.auditors) at(auditor.key).auditor = auditor;
  for (const cheat of trust.cheats) at(cheat.executor).cheat = cheat;
  for (const { key, banned, violations } of ledger?.accounts ?? []) {
    if (banned || violations > 0) at(key).slashed = true;
  }
  return [...rows.values()];
}

/** How much of the way to a proof its test has gone: 1 and more is one. */
export function part({ executor }: Trusted): number {
  if (executor === null || executor.limit <= 0) return 0;
  return Math.max(0, executor.log / executor.limit);
}

/** Half of the way, in logs: what chance hardly does to an honest one. */
const RISING = 0.5;

/** What the record says in a word, with a mark that needs no colour. */
export function standing(row: Trusted): { text: string; tone: Tone } {
  const { executor, auditor, cheat } = row;
  if (cheat !== null || executor?.proven === true) return { text: '! CHEAT', tone: 'bad' };
  if (row.slashed) return { text: '! slashed', tone: 'bad' };
  if (executor !== null) {
    if (part(row) >= RISING) return { text: '? rising', tone: 'warn' };
    // After a clean audit it is past.
    if (executor.clean === 0 && executor.suspect > 0) return { text: '? suspect', tone: 'warn' };
    if (executor.clean === 0 && executor.withheld > 0) return { text: '~ withheld', tone: 'warn' };
  }
  if (auditor !== null) {
    if (auditor.copied > 0) return { text: '! copies', tone: 'bad' };
    if (auditor.wrong > 0) return { text: '? wrong', tone: 'warn' };
    if (auditor.against > 0) return { text: '? against', tone: 'warn' };
  }
  const known = (executor?.audited ?? 0) > 0 || (auditor?.done ?? 0) > 0;
  return known ? { text: 'ok', tone: 'good' } : { text: 'new', tone: 'dim' };
}
