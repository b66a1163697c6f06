import { count, type Fields, hex, number, text } from './read.ts';
import { ncu } from './ncu.ts';
import { keep, short } from './jobs.ts';
import { LIMITS, type State } from './types.ts';

/** What is worth a line for people, and how it is said; null: nothing. */
const LINES: Record<string, (from: Fields) => string | null> = {
  peer: (e) => `${short(hex(e.key))} connected (${text(e.transport, 16) ?? '?'})`,
  'peer-lost': (e) => `the connection to ${short(hex(e.key))} ended: ${text(e.reason, 120) ?? '?'}`,
  refused: (e) =>
    `${short(hex(e.peer))} ${e.byUs === true ? 'was refused' : 'refused us'}: ${say(e)}`,
  unreachable: (e) => `unreachable: ${say(e)}`,
  network: (e) => `network ${text(e.state, 24) ?? '?'} ${text(e.detail, 160) ?? ''}`.trim(),
  members: () => 'the member list has changed',
  misconduct: (e) =>
    `misconduct: ${text(e.kind, 24) ?? '?'} in ${short(hex(e.core))}: ${text(e.detail, 160) ?? ''}`,
  model: (e) =>
    e.type === 'progress'
      ? null
      : `${text(e.model, 80) ?? 'model'}: ${e.type === 'fallback' ? 'fallback' : 'fetching'}`,
  'engine-up': () => 'the engine runs',
  'engine-lost': (e) =>
    `the engine was lost (${text(e.reason, 120) ?? '?'}), back in ${number(e.restartMs) ?? '?'} ms`,
  'engine-calibrated': (e) => `threads were measured${threads(e.threads)}`,
  selftest: (e) =>
    `self-test of ${short(hex(e.profile))} ${e.passed === true ? 'passed' : 'failed'}`,
  'audit-duty': (e) =>
    `drawn ${e.panel === true ? 'into a panel' : 'to audit'}: an answer of ` +
    `${short(hex(e.executor))}, due in cut ${number(e.due) ?? '?'}`,
  'audit-verdict': (e) =>
    e.own === true || e.mine === true || SUSPECT.has(e.finding)
      ? `audit ${about(e)}: ${text(e.finding, 16) ?? '?'} ${text(e.detail, 120) ?? ''}`.trim()
      : null,
  'audit-withheld': (e) => `audit ${about(e)}: the key was withheld`,
  'audit-missed': (e) => `audit ${about(e)}: not done in time`,
  'canary-planted': (e) => `planted ${e.honest === true ? 'an honest job' : 'a fraud'}`,
  canary: (e) => {
    const wrong = Array.isArray(e.wrong) ? e.wrong.length : 0;
    const what = `planted ${e.honest === true ? 'honest job' : 'fraud'} of ${short(hex(e.author))}`;
    return e.counted === true ? `${what}: ${wrong} judged it wrongly` : null;
  },
  'proof-made': (e) => `proved the sampling of job ${short(hex(e.job))}`,
  'proof-failed': (e) =>
    `the sampling of job ${short(hex(e.job))} cannot be proven: ${text(e.detail, 120) ?? '?'}`,
  'proof-missing': (e) => e.mine === true ? `${proofOf(e)} did not come in time` : null,
  'proof-refused': (e) => `${proofOf(e)} was refused: ${text(e.code, 48) ?? '?'}`,
  'proof-refuted': (e) => `${proofOf(e)} was shown to be wrong by ${short(hex(e.finder))}`,
  'cheat-proven': (e) =>
    `${short(hex(e.executor))} is proven a cheat (${text(e.cause, 32) ?? '?'}): ` +
    `${text(e.detail, 160) ?? ''}`,
  distrusted: (e) => `${short(hex(e.key))} is asked no more: ${text(e.detail, 160) ?? ''}`,
  forgiven: (e) => `${short(hex(e.key))} may be asked again`,
  slashed: (e) =>
    `${short(hex(e.offender))} was slashed (${text(e.cause, 32) ?? '?'}): ` +
    `${amount(e.amount)} NCU of its bond, ${amount(e.forfeited)} of its earnings; ` +
    `${amount(e.refunded)} went back to clients`,
  refunded: (e) =>
    `${amount(e.amount)} NCU came back for job ${short(hex(e.job))}: ` +
    `${short(hex(e.executor))} was slashed`,
  bonded: (e) => `${amount(e.amount)} NCU bonded`,
  unbonding: (e) => `${amount(e.amount)} NCU of the bond asked back`,
  unbonded: (e) => `${amount(e.amount)} NCU of the bond are free again`,
  fined: (e) => `fined ${amount(e.amount)} NCU for a duty that was not done`,
  'balance-low': (e) =>
    `the balance lasts for ${number(e.epochs) ?? '?'} epochs more: ${amount(e.spendable)} NCU`,
  'root-differs': (e) =>
    `the witnesses vouch for another root of cut ${number(e.epoch) ?? '?'} ` +
    `(${short(hex(e.certified))}, here ${short(hex(e.root))})`,
  feeds: (e) => `feeds service ${text(e.state, 24) ?? '?'} ${text(e.detail, 120) ?? ''}`.trim(),
  error: (e) => `error: ${say(e)}`,
  banned: (e) => `${short(hex(e.key))} is banned`,
  unbanned: (e) => `${short(hex(e.key))} is no longer banned`,
  stopping: () => 'the node is stopping',
};

const BAD = new Set([
  'misconduct',
  'engine-lost',
  'error',
  'unreachable',
  'refused',
  'audit-withheld',
  'audit-missed',
  'proof-failed',
  'proof-missing',
  'proof-refused',
  'proof-refuted',
  'cheat-proven',
  'slashed',
  'root-differs',
  'fined',
  'balance-low',
  'distrusted',
]);
/** What an audit finds where something is wrong. */
export const SUSPECT: ReadonlySet<unknown> = new Set(['trigger', 'fraud']);

/** Adds the line of an event, where it has one. */
export function happen(state: State, event: string, from: Fields, at: number): void {
  const line = Object.hasOwn(LINES, event) ? LINES[event]!(from) : null;
  if (line === null) return;
  const bad = BAD.has(event) || (event === 'selftest' && from.passed !== true) ||
    (event === 'audit-verdict' && SUSPECT.has(from.finding));
  keep(state.happenings, { at, event, text: line, bad }, LIMITS.happenings);
}

function say(from: Fields): string {
  const hint = text(from.hint, 120);
  return `${text(from.message, 200) ?? 'unknown'}${hint ? ` (${hint})` : ''}`;
}

/** Of one answer alone, and of several at once. */
function threads(value: unknown): string {
  const { single, batch } = (value ?? {}) as Fields;
  const [one, many] = [number(single), number(batch)];
  return one === null || many === null ? '' : `: ${one} alone, ${many} in a batch`;
}

function amount(micro: unknown): string {
  return ncu(count(micro) ?? 0);
}

/** Whose answer was audited, and by whom. */
function about(from: Fields): string {
  const by = from.own === true ? 'this node' : short(hex(from.auditor));
  return `of ${short(hex(from.executor))}${from.mine === true ? ' (our job)' : ''} by ${by}`;
}

function proofOf(e: Fields): string {
  return `${short(hex(e.executor))}’s proof of job ${short(hex(e.job))}`;
}
