import { count, counts, fieldsOf, hex, list, number, text } from './read.ts';
import { LIMITS, type Slash } from './types.ts';

const CAUSES: ReadonlySet<string> = new Set<Slash['cause']>([
  'lifetime',
  'equivocation',
  'fork',
  'contradiction',
  'proof',
]);

/** A slash as it may be shown; null if it is none. */
export function slashOf(value: unknown): Slash | null {
  const from = fieldsOf(value);
  const offender = hex(from?.offender), cause = text(from?.cause, 16) ?? '';
  if (from === null || offender === null || !CAUSES.has(cause)) return null;
  const refunds = list(from.refunds, LIMITS.parts, refundOf);
  return {
    offender,
    cause: cause as Slash['cause'],
    n: number(from.n) ?? 0,
    ...counts(from, ['epoch', 'gain', 'amount', 'forfeited', 'burned', 'refunded', 'clients']),
    refunds,
    finders: list(from.finders, LIMITS.parts, (one) => {
      const finder = fieldsOf(one);
      const auditor = hex(finder?.auditor), amount = count(finder?.amount);
      return auditor === null || amount === null ? null : { auditor, amount };
    }),
    subjects: list(from.subjects, LIMITS.subjects, hex),
  };
}

function refundOf(value: unknown): Slash['refunds'][number] | null {
  const from = fieldsOf(value);
  const client = hex(from?.client), job = hex(from?.job), amount = count(from?.amount);
  if (from === null || client === null || job === null || amount === null) return null;
  return { client, job, attempt: count(from.attempt) ?? 0, amount };
}
