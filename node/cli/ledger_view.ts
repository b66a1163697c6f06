import { counted, ncuText } from '../../feeds/base/mod.ts';
import type {
  Account,
  ElectorateView,
  LedgerEvent,
  LedgerView,
  Slash,
  Totals,
} from '../../feeds/ledger/mod.ts';
import type { LedgerRows, PriceRow } from '../control/mod.ts';
import { short } from './answer.ts';
import { percent } from './balance_view.ts';

/** What a table shows for people; `--json` has all. */
const MAX_ROWS = 20;

/** Why a bond was cut, for people. */
const CAUSES: Readonly<Record<Slash['cause'], string>> = {
  lifetime: 'its answers do not fit its model (lifetime test)',
  equivocation: 'it signed two histories of one log, or two votes that exclude each other',
  fork: 'it truncated its log',
  contradiction: 'it signed one thing and logged another',
  proof: 'a proof that it logged does not hold',
};

/** Sums over all accounts, in lines; the last one says whether they add up. */
export function totalsLines(totals: Totals): string[] {
  const { available, pending, escrow, bonded, owed, burned, grants, emission } = totals;
  const kept = available + pending + escrow + bonded - owed + burned;
  const made = grants + emission;
  const sum = ([name, amount]: readonly [string, number]) => `${ncuText(amount)} ${name}`;
  const parts = { available, pending, escrow, bonded, owed, burned };
  return [
    Object.entries(parts).map(sum).join(', '),
    `${ncuText(grants)} granted and ${ncuText(emission)} emitted: ` +
    (kept === made ? 'the sums agree' : `THE SUMS DIFFER by ${ncuText(kept - made)}`),
  ];
}

const ACCOUNT_HEAD = ['KEY', 'AVAILABLE', 'PENDING', 'BONDED', 'OWED', 'REPUTATION', ''];

export function accountRow(account: Account): string[] {
  const { key, available, pending, bonded, owed, reputation, status } = account;
  return [
    short(key),
    ncuText(available),
    ncuText(pending),
    ncuText(bonded),
    ncuText(owed),
    percent(reputation / 1e6),
    status === 'banned' ? 'banned' : '',
  ];
}

/** The largest accounts, with a head. */
export function accountTable(accounts: readonly Account[]): string[][] {
  const worth = ({ available, pending, escrow, bonded }: Account) =>
    available + pending + escrow + bonded;
  const largest = [...accounts].sort((a, b) => worth(b) - worth(a)).slice(0, MAX_ROWS);
  return [ACCOUNT_HEAD, ...largest.map(accountRow)];
}

/** Prices by model, with a head. */
export function priceTable({ prices }: Pick<LedgerRows, 'prices'>): string[][] {
  const head = ['MODEL', 'PROMPT', 'OUTPUT', 'LEVEL', 'IN USE'];
  return [
    head,
    ...prices.slice(0, MAX_ROWS).map(({ model, profile, prompt, output, level, utilisation }) => [
      model ?? short(profile),
      String(prompt),
      String(output),
      `x${level.toFixed(2)}`,
      percent(utilisation),
    ]),
  ];
}

/** The newest epochs, the newest first, with a head. */
export function epochTable({ epochs }: Pick<LedgerView, 'epochs'>): string[][] {
  const head = ['CUT', 'JOBS', 'PAID', 'FEES', 'REWARDS', 'REFUNDED', 'SLASHED', 'ROOT'];
  return [
    head,
    ...epochs.slice(-8).reverse().map((one) => [
      String(one.epoch),
      String(one.jobs),
      ncuText(one.paid),
      ncuText(one.fees),
      ncuText(one.emitted),
      ncuText(one.refunded),
      ncuText(one.slashed),
      one.root.slice(0, 16),
    ]),
  ];
}

/** One slash in lines: why, how much, who got it, and what it follows from. */
export function slashLines(slash: Slash): string[] {
  const { epoch, offender, cause, amount, forfeited, refunds, finders, burned } = slash;
  const { gain, n, subjects, evidence } = slash;
  const refunded = refunds.reduce((sum, { amount }) => sum + amount, 0);
  const found = finders.reduce((sum, { amount }) => sum + amount, 0);
  const clients = new Set(refunds.map(({ client }) => client)).size;
  const how = n === 0 ? 'all of its bond' : `${n} times the ${ncuText(gain)} NCU it could gain`;
  return [
    `cut ${epoch}: ${short(offender)} lost ${ncuText(amount)} NCU (${how}) and ` +
    `${ncuText(forfeited)} of unreleased earnings: ${CAUSES[cause]}`,
    `  ${ncuText(refunded)} to ${counted(clients, 'client')}, ${ncuText(found)} to ` +
    `${counted(finders.length, 'auditor')}, ${ncuText(burned)} burned`,
    ...subjects.slice(-4).map((subject) => `  audited entry ${subject}`),
    ...evidence.slice(-4).map(({ core, index, cut }) =>
      `  evidence: log ${core}, entry ${index}, cut ${cut}`
    ),
  ];
}

/**
 * What a cut led to, as a line for people.
 * @param prices of all models, for what a prompt token costs against one of output
 */
export function eventLine(event: LedgerEvent, prices: readonly PriceRow[] = []): string {
  switch (event.type) {
    case 'payment': {
      const { job, attempt, requester, executor, tokens, gross, fee, net, free } = event.payment;
      return `${short(requester)} pays ${ncuText(gross)} for ${counted(tokens, 'token')} of job ` +
        `${short(job)} (attempt ${attempt}): ${ncuText(net)} to ${short(executor)}, free after ` +
        `cut ${free}; ${ncuText(fee)} burned`;
    }
    case 'escrow':
    case 'returned': {
      const { account, job, attempt, amount } = event;
      const what = event.type === 'escrow' ? 'sets aside' : 'gets back';
      return `${short(account)} ${what} ${ncuText(amount)} for job ${
        short(job)
      } (attempt ${attempt})`;
    }
    case 'slash':
      return slashLines(event.slash).join('\n');
    case 'price': {
      const { profile, output, level } = event.price;
      const row = prices.find((one) => one.profile === profile);
      const prompt = row === undefined || row.output === 0
        ? event.price.prompt
        : Math.round(1000 * output * row.prompt / row.output) / 1000;
      return `price of ${
        short(profile)
      }: ${prompt} and ${output} micro-NCU a token of prompt and ` +
        `output (x${(level / 1e6).toFixed(2)})`;
    }
    case 'verdict':
      return `audit of ${short(event.subject)}: ${event.outcome}`;
    case 'epoch':
      return `root ${event.summary.root}`;
    case 'certified':
      return `root of cut ${event.epoch} is certified: ${event.root}`;
    case 'differs':
      return `the witnesses vouch for root ${event.certified} of cut ${event.epoch}, not ` +
        event.root;
    case 'finding': {
      const { code, author, place, detail } = event.finding;
      return `${code}: ${short(author)}, log ${short(place.core)} entry ${place.index}: ${detail}`;
    }
    case 'reward':
      return `${short(event.account)} is rewarded ${ncuText(event.amount)} as ${event.role}`;
    default:
      return `${short(event.account)} ${MOVES[event.type]} ${ncuText(event.amount)}`;
  }
}

const MOVES = {
  grant: 'is given',
  released: 'may now spend earnings of',
  bond: 'bonds',
  unbond: 'asks back of its bond',
  unbonded: 'has back of its bond',
  fine: 'is fined',
} as const;

/** Who certifies cuts, and who is to follow them: with weights, in per cent of all. */
export function electorateLines({ since, seats, coming }: ElectorateView): string[] {
  const named = (of: ElectorateView['seats']) => {
    const total = of.reduce((sum, { weight }) => sum + weight, 0);
    return of.map(({ key, weight }) =>
      `  ${short(key)} ${weight} (${Math.round(100 * weight / total)} %)`
    );
  };
  const who = since === 0
    ? "witnesses of the network's file"
    : `witnesses since cut ${since}, by bond`;
  return [
    `${who}: ${seats.length}`,
    ...(since === 0 ? [] : named(seats)),
    ...(coming === null
      ? []
      : [`from cut ${coming.from} on: ${coming.seats.length}`, ...named(coming.seats)]),
  ];
}
