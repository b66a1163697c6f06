import { fit, type Line, span } from '../draw/mod.ts';
import { ncu, type Payment, short } from '../state/mod.ts';

/** A payment in a line: of which cut, to whom or by whom, what for. @param me this node's key */
export function paymentLine(payment: Payment, me: string | undefined, width: number): Line {
  const { epoch, free, job, attempt, requester, executor, model, tokens, gross, fee, net } =
    payment;
  const earned = executor === me;
  return [
    span(fit(`#${epoch}`, 6, 'right'), 'dim'),
    earned
      ? span(` + ${fit(ncu(net), 9, 'right')} NCU from `, 'good')
      : span(` - ${fit(ncu(gross), 9, 'right')} NCU to   `),
    span(short(earned ? requester : executor)),
    span(`  ${tokens} tokens ${model ?? ''}`.trimEnd()),
    span(earned ? `  free after cut ${free}` : `  fee ${ncu(fee)}`, 'dim'),
    ...(width < 100 ? [] : [span(`  job ${short(job)} #${attempt}`, 'dim')]),
  ];
}
