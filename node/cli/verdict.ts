import { counted } from '../../feeds/base/mod.ts';
import type { VerdictRow } from '../control/mod.ts';

/** What it means that nothing is known, for people. */
const WHY: Readonly<Record<string, string>> = {
  'no-calibration':
    'it is of another class, and how honest answers differ between the two is unknown',
  'small-sample': 'too little is known of how honest answers differ between the two classes',
  open: 'the answer is too short for the test; later answers of this executor decide',
  empty: 'there was nothing to read',
  unsigned: 'its executor was lost before it had signed anything',
  'own-work': 'this machine made it itself, and nobody else was there to be asked',
  withheld: 'no auditor was given its key in time',
  'too-few-auditors': 'too few nodes of the network could audit it',
  'no-auditor': 'no other node that serves the model would check it, and its weights are not here',
};

const OBJECTIONS: Readonly<Record<string, string>> = {
  exact: 'other tokens or logits where they must be equal to the last bit',
  margin: 'tokens that are too unlikely to have been drawn',
  margins: 'tokens that do not fit seed, temperature and model',
  b1: 'logits that do not fit the model',
  TOKEN_OUTSIDE_VOCABULARY: 'tokens that do not exist',
  END_MISSING: 'it ended without an end token',
  TOKENS_AFTER_END: 'it goes on after its end',
  LENGTH_NOT_REACHED: 'it was cut off before its length',
  LENGTH_EXCEEDED: 'it is longer than was asked for',
};

/** One line about a verdict, for people. */
export function verdictText(verdict: VerdictRow): string {
  const { finding, auditor, by, positions, exact, why, mismatches } = verdict;
  const who = by === 'self' ? 'this machine' : (auditor ?? 'nobody').slice(0, 8);
  const tokens = counted(positions, 'token');
  if (finding === 'ok') {
    return `checked by ${who}: ok, ${tokens}${exact ? ', the same class' : ''}`;
  }
  if (finding === 'inconclusive') {
    const reason = WHY[why ?? ''] ?? why ?? 'it does not say why';
    const differ = mismatches > 0 ? `; ${mismatches} of ${tokens} differ` : '';
    return auditor === null
      ? `not checked: ${reason}`
      : `checked by ${who}, without a result: ${reason}${differ}`;
  }
  const [first] = verdict.reasons;
  const at = first?.positions.slice(0, 4).join(', ') ?? '';
  const where = at === '' ? '' : ` (at ${at})`;
  const what = first === undefined ? '' : `: ${OBJECTIONS[first.kind] ?? first.kind}${where}`;
  const executor = verdict.executor.slice(0, 8);
  return `checked by ${who}: the answer of ${executor} does not hold, ${mismatches} of ${tokens} ` +
    `differ${what}`;
}
