import { counted, ncuText } from '../../feeds/base/mod.ts';
import { duration, fit, gauge, type Line, line, span, sparkline, trend } from '../draw/mod.ts';
import { type Ledger, type MarketPrice, ncu, type OwnAccount, short } from '../state/mod.ts';
import { isUncovered, percent } from './account.ts';
import { paymentLine } from './payment_lines.ts';
import { slashLine } from './slash_lines.ts';

/** What the lines are drawn for. */
export interface LedgerView {
  /** Key of this node. */
  me: string | undefined;
  /** Milliseconds since 1970. */
  now: number;
  width: number;
  height: number;
  filter: string;
}

/** Columns of a row of bars. */
const BARS = { least: 8, most: 48 };
/** Slashes that stand here: all of them stand with the audits. */
const MAX_SLASHES = 2;
/** Lines under the balance from which on nothing has to be left out. */
const ROOMY = 6;

/** What this node has and earns, when the next epoch begins, what work costs, who was paid. */
export function ledgerLines(ledger: Ledger, view: LedgerView): Line[] {
  const { me, now, width, height } = view;
  const bars = Math.max(BARS.least, Math.min(BARS.most, width - 66));
  const head = [
    ...ownLines(ledger.own),
    epochLine(ledger, now),
    earningLine(ledger, bars),
    ...(ledger.note === null
      ? []
      : [line(`! ${ledger.note}`, ledger.differs === null ? 'warn' : 'bad')]),
  ].slice(0, height);
  const room = height - head.length;
  const prices = ledger.prices.slice(0, Math.max(0, Math.min(room, Math.ceil(room / 3))));
  const slashes = ledger.slashes.slice(room < ROOMY ? -1 : -MAX_SLASHES);
  const more = [...slashes.map((slash) => slashLine(slash, me)), ...findingLine(ledger)]
    .slice(0, Math.max(0, room - prices.length));
  const left = room - prices.length - more.length;
  return [
    ...head,
    ...prices.map((price) => priceLine(price, bars)),
    ...more,
    ...paymentLines(ledger, view, left),
  ];
}

/** The newest payments that fit. */
function paymentLines({ payments }: Ledger, view: LedgerView, height: number): Line[] {
  const { filter, me, width } = view;
  const found = payments.filter(({ job, requester, executor, model }) =>
    filter === '' || `${job} ${requester} ${executor} ${model}`.toLowerCase().includes(filter)
  );
  if (height < 1 || found.length === 0) return [];
  const title = height < 3 ? [] : [line('payments, newest last', 'bold')];
  const shown = found.slice(title.length - height);
  return [...title, ...shown.map((payment) => paymentLine(payment, me, width))];
}

/** The own balance, and what it is worth to others. */
function ownLines(own: OwnAccount | null): Line[] {
  if (own === null) return [line('no account yet: it begins with the first cut', 'dim')];
  const { available, pending, escrow, bonded, unbonding, owed, credit } = own;
  const covered = isUncovered(own);
  return [
    [
      span('have   ', 'dim'),
      span(`${ncuText(available)} NCU available`, 'bold'),
      span(`  ${ncu(pending)} pending  ${ncu(bonded)} bonded`),
      span(unbonding === 0 ? '' : ` (${ncu(unbonding)} unbonding)`, 'warn'),
      span(owed === 0 ? '' : `  ${ncu(owed)} owed`, 'warn'),
      span(escrow === 0 ? '' : `  ${ncu(escrow)} in escrow`),
      span(credit === 0 ? '' : `  ${ncu(credit)} credit left`, 'dim'),
    ],
    [
      span('work   ', 'dim'),
      span(`reputation ${percent(own.reputation)}`),
      span(own.banned ? '  ! banned' : '', 'bad'),
      span(own.rate === null ? '' : `  audited ${percent(own.rate)}`),
      span(
        `  ${covered ? '~ ' : ''}unsettled ${ncu(own.unsettled)} of ${ncu(own.cap)} covered`,
        covered ? 'warn' : 'plain',
      ),
      span(own.n === 0 ? '' : ` (bond / ${Number(own.n.toPrecision(4))})`, 'dim'),
    ],
  ];
}

/** Which cut counts, who vouches for it, when the next one comes. */
function epochLine(
  { epoch, root, certified, cutAt, epochMs, totals, ...rest }: Ledger,
  now: number,
) {
  const late = cutAt === null ? 0 : now - cutAt - epochMs;
  // Witnesses agree for a while: that much is no delay.
  const isLate = late > epochMs / 2;
  const part = cutAt === null || epochMs === 0 ? 0 : (now - cutAt) / epochMs;
  const { accounts, accountCount, electorate: { since, seats, coming } } = rest;
  return [
    span(epoch === null ? 'no cut yet' : `cut ${epoch}`, 'bold'),
    ...(cutAt === null ? [] : [
      span(' ['),
      span(gauge(part, 8), isLate ? 'warn' : 'accent'),
      span('] '),
      span(
        isLate
          ? `next ${duration(late)} late`
          : late < 0
          ? `next in ${duration(-late)}`
          : 'next is due',
        isLate ? 'warn' : 'plain',
      ),
    ]),
    span(`  root ${short(root)}`),
    span(certified === null ? ' not certified' : ` certified to ${certified.epoch}`, 'dim'),
    ...(since === 0
      ? []
      : [span(` by ${counted(seats.length, 'bonded witness', 'bonded witnesses')}`, 'dim')]),
    ...(coming === null ? [] : [span(` (others from cut ${coming.from})`, 'warn')]),
    span(
      `  ${counted(accountCount, 'account')}${
        accounts.length < accountCount ? ` (${accounts.length} shown)` : ''
      }, ${ncu(totals.burned)} burned`,
      'dim',
    ),
  ];
}

function earningLine({ earnings }: Ledger, bars: number): Line {
  const last = earnings.at(-1);
  const gained = earnings.map(({ paid, rewards }) => Math.max(0, paid + rewards));
  if (last === undefined) return [span('earned ', 'dim'), span('nothing was told of yet', 'dim')];
  const sum = gained.reduce((a, b) => a + b, 0);
  return [
    span('earned ', 'dim'),
    span(sparkline(gained, bars), 'good'),
    span(` ${ncu(sum)} NCU in ${counted(earnings.length, 'epoch')}`),
    span(`  last ${ncu(last.paid)} paid ${ncu(last.rewards)} rewards ${ncu(last.spent)} spent`),
  ];
}

/** A profile's price over the epochs, for a thousand tokens. */
function priceLine({ profile, model, prompt, output, level, ...rest }: MarketPrice, bars: number) {
  const values = rest.history.map((point) => point.output);
  return [
    span('price  ', 'dim'),
    span(trend(values.length === 0 ? [output] : values, bars), 'accent'),
    span(` ${fit(model ?? short(profile), 16)}`, 'bold'),
    span(` ${ncu(output * 1000)} NCU per 1k tokens, ${ncu(Math.round(prompt * 1000))} of prompt`),
    span(`  level ${percent(level)} used ${percent(rest.utilisation)}`, 'dim'),
  ];
}

/** Entries that a rule ignored or punished: how many, and the newest. */
function findingLine({ findings, findingCount }: Ledger): Line[] {
  const last = findings.at(-1);
  if (last === undefined) return [];
  const { code, author, detail } = last;
  const count = counted(findingCount, 'entry', 'entries');
  return [[
    span(`? ${count} against a rule`, 'warn'),
    span(`, last ${code} of ${short(author)}: ${detail}`, 'dim'),
  ]];
}
