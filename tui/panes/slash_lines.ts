import { counted } from '../../feeds/base/mod.ts';
import { fit, type Line, line, type Span, span } from '../draw/mod.ts';
import { ncu, short, type Slash } from '../state/mod.ts';

/** Refunds and finders of one slash that its detail names. */
const MAX_PARTS = 8;

/** A slash in a line: when, who, what was taken and why, where it went. @param me this node's key */
export function slashLine(slash: Slash, me: string | undefined): Line {
  const { epoch, offender, cause, amount, forfeited, burned, finders } = slash;
  const found = finders.reduce((sum, finder) => sum + finder.amount, 0);
  return [
    span(fit(`#${epoch}`, 6, 'right'), 'dim'),
    span(` ! ${fit(offender === me ? 'this node' : short(offender), 9)} `, 'bad'),
    span(`-${ncu(amount + forfeited)} NCU ${cause}`, 'bold'),
    ...refundSpans(slash, me),
    span(`, finders ${ncu(found)}, burned ${ncu(burned)}`, 'dim'),
  ];
}

function refundSpans({ refunds, refunded, clients }: Slash, me: string | undefined): Span[] {
  if (refunded === 0) return [span(', nothing to refund', 'dim')];
  const own = refunds.filter(({ client }) => client === me);
  const back = own.reduce((sum, { amount }) => sum + amount, 0);
  const first = refunds.find(({ client }) => client !== me);
  const others = clients - (own.length > 0 ? 1 : 0);
  const to = [
    ...(back > 0 ? [others > 0 ? `this node ${ncu(back)}` : 'this node'] : []),
    ...(others > 0 && first !== undefined
      ? [others === 1 ? short(first.client) : counted(others, 'client')]
      : []),
  ];
  return [
    span(`, refunded ${ncu(refunded)} to ${to.join(' and ')}`, back > 0 ? 'good' : 'plain'),
  ];
}

/** All about a slash: how much and why, who was refunded, who had found it, what it follows from. */
export function slashDetail(slash: Slash, me: string | undefined): Line[] {
  const { epoch, cause, gain, n, amount, forfeited, burned, subjects } = slash;
  const all = gain === 0 ? 'the whole bond' : `${Number(n.toPrecision(4))} x ${ncu(gain)} NCU gain`;
  const named = <T>(parts: readonly T[], say: (part: T) => string, total = parts.length) => [
    ...parts.slice(0, MAX_PARTS).map((part) => line(`    ${say(part)}`)),
    ...(total > MAX_PARTS ? [line(`    and ${total - MAX_PARTS} more`, 'dim')] : []),
  ];
  const who = (key: string) => key === me ? 'this node' : short(key);
  return [
    line(`! slashed in cut ${epoch}: ${cause}`, 'bad'),
    line(`  ${ncu(amount)} NCU of the bond (${all}), ${ncu(forfeited)} of open earnings`),
    line(`  ${ncu(slash.refunded)} refunded to ${counted(slash.clients, 'client')}`),
    ...named(
      slash.refunds,
      ({ client, job, attempt, amount }) =>
        `${fit(ncu(amount), 9, 'right')}  ${who(client)}, job ${short(job)} #${attempt}`,
    ),
    line(`  to those who found it`),
    ...named(
      slash.finders,
      ({ auditor, amount }) => `${fit(ncu(amount), 9, 'right')}  ${who(auditor)}`,
    ),
    line(`  ${ncu(burned)} burned`),
    ...(subjects.length === 0 ? [] : [line('  it follows from these entries', 'dim')]),
    ...named(subjects, (subject) => subject),
  ];
}
