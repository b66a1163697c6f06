import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NCU, toHex } from '../../feeds/base/mod.ts';
import type { Account, LedgerEvent, Payment, Slash } from '../../feeds/ledger/mod.ts';
import {
  auditRateOf,
  balanceEvent,
  balanceLines,
  freeingOf,
  percent,
} from '../../node/cli/balance_view.ts';
import { amountOf, loggedText } from '../../node/cli/bonding.ts';
import { command as ledgerCommand } from '../../node/cli/commands/ledger.ts';
import { checkProof, provenUnder, wordsOf } from '../../node/cli/ledger_proof.ts';
import { Output, parseCommandLine } from '../../node/cli/mod.ts';
import {
  accountTable,
  eventLine,
  priceTable,
  slashLines,
  totalsLines,
} from '../../node/cli/ledger_view.ts';
import { atCut } from '../../node/cli/when.ts';
import { about } from '../../node/control/mod.ts';
import type { BalanceAnswer, LedgerRows, PriceRow } from '../../node/control/mod.ts';

const ME = 'aa'.repeat(32), OTHER = 'bb'.repeat(32), JOB = 'cc'.repeat(32);
const NOW = 1_800_000_000_000;

const account: Account = {
  key: ME,
  available: 2_500_000,
  escrow: 0,
  pending: 1_200_000,
  bonded: 20 * NCU,
  unbonding: [{ amount: 5 * NCU, cut: 40 }, { amount: NCU, cut: 41 }],
  owed: 0,
  reputation: 340_000,
  violations: 0,
  status: 'active',
  verified: 12,
  failed: 1,
  served: 30,
  earned: 9 * NCU,
  spent: NCU,
  secret: null,
};
const payment: Payment = {
  job: JOB,
  attempt: 0,
  requester: OTHER,
  executor: ME,
  profile: 'dd'.repeat(32),
  promptTokens: 3,
  tokens: 40,
  gross: 1_020_000,
  fee: 20_000,
  net: NCU,
  epoch: 9,
  free: 20,
};
const rows = {
  epoch: 10,
  epochMs: 30_000,
  cutAt: NOW - 10_000,
  own: { rate: 0.25 },
  payments: [
    { ...payment, model: null },
    { ...payment, model: null, net: 200_000, free: 25 },
    { ...payment, model: null, free: 20, net: 0 },
    { ...payment, model: null, free: 10 },
    { ...payment, model: null, executor: OTHER, free: 99 },
  ],
} as unknown as LedgerRows;
const answer: BalanceAnswer = {
  key: ME,
  epoch: 10,
  reading: false,
  account,
  spendable: 2_300_000,
  credit: 0,
  held: 200_000,
  exposure: { unsettled: 1_220_000, cap: 5 * NCU, covered: true, n: 4 },
  prices: [],
};

t.test('spans are told about', (t) => {
  t.equal(about(0), '0 s');
  t.equal(about(1400), '1 s');
  t.equal(about(119_000), '119 s');
  t.equal(about(150_000), '3 min');
  t.equal(about(3 * 3_600_000), '3 h');
  t.equal(about(5 * 86_400_000), '5 d');
  t.equal(atCut(20, rows, NOW), 'cut 20, in about 5 min');
  t.equal(atCut(11, rows, NOW), 'cut 11, in about 20 s');
  t.equal(atCut(11, rows, NOW + 3_600_000), 'cut 11', 'nobody can tell');
  t.equal(atCut(11, rows, NOW + 30_000), 'cut 11, in about 0 s', 'it is late');
  t.equal(atCut(10, rows, NOW), 'cut 10', 'it is there');
  t.equal(atCut(5, { epoch: null, epochMs: 1, cutAt: null }, NOW), 'cut 5');
  t.end();
});

t.test('a balance says what there is and when more is free', (t) => {
  t.same(freeingOf(ME, rows), [{ amount: NCU, cut: 20 }, { amount: 200_000, cut: 25 }]);
  const text = balanceLines(answer, rows, NOW).map((row) => row.join(' | '));
  t.equal(
    text[0],
    'available | 2.5 NCU | 2.3 may be spent; 0.2 set aside for prompts and bonds that no cut covers yet',
  );
  t.match(
    text[2],
    'pending | 1.2 NCU | earned; 1 free after cut 20, in about 5 min; the last ones after cut 25',
  );
  t.match(text[3], 'bonded | 20 NCU | 5 of it free after cut 40, in about 15 min; 1 later');
  const split = { ...account, unbonding: [...account.unbonding, { amount: NCU, cut: 40 }] };
  t.match(
    balanceLines({ ...answer, account: split }, rows, NOW)[3]![2],
    /^6 of it free after cut 40, in about 15 min; 1 later$/,
    'parts of one cut are one',
  );
  t.match(
    balanceLines(answer, rows, NOW + 3_600_000)[3]![2],
    /^5 of it free after cut 40; 1 later$/,
  );
  t.match(text, [/^/, /^/, /^/, /^/, /no credit/, /34 % \| 12 verified/, /audits \| 25 %/]);
  const bare = { ...answer, exposure: { ...answer.exposure, covered: false } };
  t.equal(auditRateOf(bare, rows), 1, 'what no bond covers is audited');
  const newcomer = { ...rows, own: { ...rows.own!, rate: null } };
  t.equal(auditRateOf(answer, newcomer), 1, 'and all of a newcomer');
  t.match(balanceLines(bare, rows, NOW)[6]!.join(' '), /100 % .*everything is audited/);
  const banned = { ...answer, account: { ...account, status: 'banned' as const } };
  t.match(balanceLines(banned, rows, NOW)[0], ['BANNED']);
  t.match(balanceLines({ ...answer, account: null }, rows, NOW)[0]![2], /no cut covers/);
  t.match(balanceEvent(answer, rows), {
    event: 'balance',
    key: ME,
    available: 2_500_000,
    spendable: 2_300_000,
    freeing: [{ amount: NCU, cut: 20 }, {}],
    auditRate: 0.25,
    cap: 5 * NCU,
  });
  t.equal(percent(0.014), '1.4 %');
  t.equal(percent(0), '0 %');
  t.end();
});

const slash: Slash = {
  epoch: 7,
  offender: OTHER,
  cause: 'lifetime',
  gain: NCU,
  n: 4,
  amount: 4 * NCU,
  forfeited: NCU,
  refunds: [
    { client: ME, job: JOB, attempt: 0, amount: 2 * NCU },
    { client: ME, job: JOB, attempt: 1, amount: NCU },
  ],
  finders: [{ auditor: ME, amount: 200_000 }],
  burned: 1_800_000,
  subjects: ['ee'.repeat(32)],
  evidence: [{ core: 'ff'.repeat(32), index: 12, cut: 6 }],
};

t.test('a slash is told with its evidence', (t) => {
  const text = slashLines(slash);
  t.match(
    text[0],
    /^cut 7: bbbbbbbb lost 4 NCU \(4 times the 1 NCU it could gain\) and 1 of unrel/,
  );
  t.match(text[0], 'lifetime test');
  t.match(text[1], '3 to 1 client, 0.2 to 1 auditor, 1.8 burned');
  t.match(text.slice(2), [`audited entry ${'ee'.repeat(32)}`, /log f+, entry 12, cut 6/]);
  t.match(slashLines({ ...slash, cause: 'fork', n: 0, gain: 0 })[0], /all of its bond.*truncated/);
  t.end();
});

t.test('each move has words', (t) => {
  const place = { core: JOB, index: 3, cut: 2 };
  const finding = { code: 'job-self' as const, place, author: OTHER, detail: 'pays itself' };
  const events: LedgerEvent[] = [
    { type: 'payment', payment },
    { type: 'escrow', account: ME, job: JOB, attempt: 0, offer: OTHER, amount: 5 },
    { type: 'returned', account: ME, job: JOB, attempt: 0, amount: 5 },
    { type: 'grant', account: ME, amount: NCU },
    { type: 'released', account: ME, amount: NCU },
    { type: 'bond', account: ME, amount: NCU, index: 3 },
    { type: 'unbond', account: ME, amount: NCU, index: 4 },
    { type: 'unbonded', account: ME, amount: NCU },
    { type: 'fine', account: ME, amount: 1000 },
    { type: 'reward', account: ME, amount: 1, role: 'auditor' },
    { type: 'slash', slash },
    { type: 'certified', epoch: 3, root: JOB },
    { type: 'finding', finding },
    { type: 'verdict', subject: JOB, outcome: 'ok' },
  ];
  const text = events.map((event) => eventLine(event));
  t.equal(
    text[0],
    'bbbbbbbb pays 1.02 for 40 tokens of job cccccccc (attempt 0): 1 to aaaaaaaa, free after ' +
      'cut 20; 0.02 burned',
  );
  t.match(text, events.map(() => /^[^\n]*\b(aaaaaaaa|bbbbbbbb|cccccccc|c{64})\b/));
  t.notMatch(text.join(), 'undefined');
  t.match(text[12], 'job-self: bbbbbbbb, log cccccccc entry 3: pays itself');
  t.end();
});

t.test('a price of a past cut has its share of the prompt', (t) => {
  const price = { profile: JOB, prompt: 0, output: 4, level: 1_500_000, utilisation: 0 };
  const row = { ...price, model: null, prompt: 0.667, output: 2, history: [] };
  const line = (...rows: PriceRow[]) => eventLine({ type: 'price', price }, rows);
  t.match(line(row), /: 1\.334 and 4 micro-NCU/);
  t.match(line({ ...row, output: 0 }), /: 0 and 4 micro-NCU/);
  t.match(line(), /: 0 and 4 micro-NCU/);
  t.match(priceTable({ prices: [row] })[1], ['cccccccc', '0.667', '2']);
  t.end();
});

t.test('sums that differ are said', (t) => {
  const totals = {
    available: 5,
    pending: 2,
    escrow: 1,
    bonded: 3,
    owed: 1,
    burned: 2,
    grants: 11,
    emission: 1,
  };
  t.match(totalsLines(totals)[1], 'agree');
  t.match(totalsLines({ ...totals, burned: 3 })[1], 'DIFFER by 0.000001');
  t.match(accountTable([account, { ...account, key: OTHER, available: 9e9 }])[1], ['bbbbbbbb']);
  t.end();
});

t.test('a proof says what follows from it, and what not', (t) => {
  const proven = { root: new Uint8Array(32).fill(1), account, epoch: 9, network: JOB };
  const words = wordsOf(proven, false, 'lab');
  t.match(words.establishes, [/has 2\.5 NCU available/, /34 %/, /cut 9 of network c+, known here/]);
  t.match(words.doesNotEstablish[0], /take it from a node of yours/);
  t.match(
    words.establishes[0],
    / 20 bonded \(6 of it asked back: 5 free after cut 40, 1 free after/,
  );
  const bare = { ...proven, account: { ...account, unbonding: [] } };
  t.match(wordsOf(bare, false, 'lab').establishes[0], / 20 bonded, and owes/);
  const checked = wordsOf(proven, true, null);
  t.match(checked.doesNotEstablish[0], /whoever named it/);
  t.match(checked, { ok: true, checks: [{ ok: true }, { name: 'root', ok: true }] });
  t.match(checked.establishes[2], /not known here/);
  t.match(words, { ok: null, checks: [{ ok: true }, { name: 'root', ok: null }] });
  t.end();
});

t.test('a file vouches for no root of its own: without one it is undecided', async (t) => {
  const home = t.testdir();
  const invented = { ...account, available: 9_000_000_000 * NCU - 1 };
  const proof = { format: 'nexus-account-proof/1' as const, epoch: 1, path: [], rest: OTHER };
  const whole = { ...proof, network: '11'.repeat(32), account: invented };
  const path = join(home, 'x\u001b[2J.account');
  writeFileSync(path, JSON.stringify(whole));
  const root = toHex(provenUnder(whole, undefined).root);
  const check = async (file: string, given: string | undefined, json = false) => {
    const said = { out: '', err: '' };
    const sink = (name: keyof typeof said) => ({
      terminal: false,
      color: false,
      write: (text: string) => Promise.resolve(void (said[name] += text)),
    });
    const out = new Output(sink('out'), sink('err'), { json, quiet: false, verbose: false });
    return { code: await checkProof(file, { home, root: given }, out), ...said };
  };
  const open = await check(path, undefined);
  t.equal(open.code, 1);
  t.match(open.out, /^open {3}root: .*compared with nothing$/m);
  t.notMatch(open.out, /^ok +root|^the proof holds|^This establishes/m);
  t.match(open.out, /^undecided: .*root of cut 1: take that root from a node that you trust/m);
  t.match(open.err, /network 1111.* is not known on this machine/);
  const json = await check(path, undefined, true);
  t.equal(json.code, 1);
  t.match(JSON.parse(json.out), { event: 'account-proof', ok: null, known: null, root });
  const held = await check(path, root);
  t.equal(held.code, 0);
  t.match(held.out, /^ok {5}root: [0-9a-f]{64}, as was asked\n.*^the proof holds$/ms);
  const other = await check(path, OTHER);
  t.equal(other.code, 4);
  t.match(other.out, /does not hold/);

  const large = join(home, 'large\u001b[2J\nerror: x'), pipe = join(home, 'pipe');
  writeFileSync(large, new Uint8Array((1 << 20) + 1));
  execFileSync('mkfifo', [pipe]);
  // deno-lint-ignore no-control-regex
  const said = /^[^\u001b\n]+$/;
  await t.rejects(check(large, root), { code: 'PROOF_TOO_LARGE', message: said });
  for (const file of [pipe, '/dev/zero', home, join(home, 'none\u001b[2J')]) {
    await t.rejects(check(file, root), { code: 'PROOF_UNREADABLE', message: said });
  }
});

t.test('an epoch is a whole number from 0 on, written as one', (t) => {
  const parse = (...args: string[]) => parseCommandLine(ledgerCommand, args);
  const told = (epoch: string) => parse('--epoch', epoch).flags.epoch;
  t.equal(told('0'), 0);
  t.equal(told('120'), 120);
  for (const epoch of ['-1', '1.5', '1e3', '0x10', '1n']) {
    t.throws(() => told(epoch), {
      code: 'USAGE',
      message: /--epoch must be a whole number from 0 on/,
    });
  }
  t.end();
});

t.test('a proof under the root of another cut names its own', (t) => {
  const format = 'nexus-account-proof/1' as const;
  const proof = { format, network: JOB, epoch: 9, account, path: [], rest: OTHER };
  const root = toHex(provenUnder(proof, undefined).root);
  t.equal(toHex(provenUnder(proof, root).root), root);
  t.throws(() => provenUnder(proof, OTHER), {
    code: 'ACCOUNT_PROOF_ROOT',
    hint: /cut 9 of network cccccccc.*nexus ledger --epoch 9/,
  });
  t.end();
});

t.test('a bond promises no time where no cut comes', (t) => {
  const logged = { amount: NCU, index: 3, account, cuts: 4 };
  t.match(loggedText('bond', logged, 3000), /with the next cut, in about 3 s: 21 NCU/);
  t.match(loggedText('bond', logged, null), /with the next cut: 21 NCU/);
  t.match(loggedText('unbond', logged, 3000), /4 cuts after the next one, in about 12 s, unless/);
  t.match(loggedText('unbond', logged, null), /4 cuts after the next one, unless/);
  t.end();
});

t.test('what is no amount to bond says why', (t) => {
  const usage = (text: string, message: RegExp, hint: RegExp) =>
    t.throws(() => amountOf(text, 'bond'), { code: 'USAGE', message, hint });
  t.equal(amountOf('2.5', 'bond'), 2_500_000);
  for (const text of ['0', '-5', '-.5', '0.000000']) {
    usage(text, /must be above 0, not "/, /above 0/);
  }
  for (const text of ['99999999999', '9007199255', '1'.repeat(99)]) {
    usage(text, /more NCU than there can be/, /^at most 9007199254\.740991;/);
  }
  for (const text of ['', 'x', '1e3', '1.0000001']) usage(text, /is no amount/, /nexus bond 2\.5/);
  t.end();
});
