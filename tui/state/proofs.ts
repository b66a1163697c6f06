import { count, fieldsOf, hex, newest, text } from './read.ts';
import { LIMITS, type Proof, type Proofs } from './types.ts';

const STATES: ReadonlySet<string> = new Set<Proof['state']>(['open', 'made', 'missing', 'refuted']);
const CHECKS: ReadonlySet<string> = new Set<NonNullable<Proof['check']>>([
  'checked',
  'refused',
  'unchecked',
]);

/** Where the proofs stand as it may be shown; null if it is nothing of that kind. */
export function proofsOf(value: unknown): Proofs | null {
  const from = fieldsOf(value);
  if (from === null || !Array.isArray(from.proofs)) return null;
  const number = (name: string) => count(from[name]) ?? 0;
  return {
    insecure: from.insecure === true,
    asked: number('asked'),
    made: number('made'),
    missing: number('missing'),
    refuted: number('refuted'),
    checked: number('checked'),
    refused: number('refused'),
    unchecked: number('unchecked'),
    waiting: number('waiting'),
    proofs: newest(from.proofs, LIMITS.audits, proofOf),
  };
}

function proofOf(value: unknown): Proof | null {
  const from = fieldsOf(value);
  const subject = hex(from?.subject), job = hex(from?.job);
  const executor = hex(from?.executor), requester = hex(from?.requester);
  const state = text(from?.state, 16) ?? '', check = text(from?.check, 16);
  if (from === null || subject === null || job === null) return null;
  if (executor === null || requester === null || !STATES.has(state)) return null;
  return {
    subject,
    job,
    attempt: count(from.attempt) ?? 0,
    executor,
    requester,
    epoch: count(from.epoch) ?? 0,
    asked: from.asked === true,
    due: count(from.due),
    state: state as Proof['state'],
    own: from.own === true,
    check: check !== null && CHECKS.has(check) ? check as Proof['check'] : null,
    code: text(from.code, 48) || null,
  };
}
