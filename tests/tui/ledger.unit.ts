import t from 'tap';
import fc from 'fast-check';
import { frame } from '../../tui/app/frame.ts';
import { snapshotText } from '../../tui/app/once.ts';
import { press } from '../../tui/app/press.ts';
import { type Effect, initialUi, type Screen, type Ui } from '../../tui/app/ui.ts';
import { paint, plain, trend, widthOf } from '../../tui/draw/mod.ts';
import { emptyState, LIMITS, ncu, type State, stateJson, step } from '../../tui/state/mod.ts';
import { SyntheticMesh } from '../lib/synthetic_mesh.ts';

const KEY = 'ab'.repeat(32), OTHER = 'cd'.repeat(32), JOB = '01'.repeat(32);
const PROFILE = '5e'.repeat(32);
const AT = 1_700_000_000_000;
const NCU = 1_000_000;
const ME = new SyntheticMesh(2, AT).status.key;

function account(key: string, fields = {}) {
  return {
    key,
    available: 12_500_000,
    escrow: 0,
    pending: 3_000_001,
    bonded: 100 * NCU,
    unbonding: 0,
    owed: 0,
    reputation: 0.625,
    violations: 0,
    banned: false,
    verified: 8,
    served: 40,
    failed: 2,
    earned: 250 * NCU,
    spent: 20 * NCU,
    ...fields,
  };
}

function own(fields = {}) {
  const more = { unbonds: [], credit: 0, rate: 0.125, unsettled: 3_000_001, cap: 10 * NCU, n: 10 };
  return { ...account(ME), ...more, ...fields };
}

const PRICE = {
  profile: PROFILE,
  model: 'smollm2-135m',
  prompt: 40,
  output: 1050,
  level: 1.05,
  utilisation: 0.7,
  history: [{ epoch: 1, output: 1000 }, { epoch: 2, output: 1050 }],
};

const PAYMENT = {
  job: JOB,
  attempt: 0,
  requester: OTHER,
  executor: ME,
  profile: PROFILE,
  model: 'smollm2-135m',
  promptTokens: 20,
  tokens: 64,
  gross: 70_000,
  fee: 7000,
  net: 63_000,
  epoch: 8,
  free: 14,
};

const SLASH = {
  epoch: 9,
  offender: KEY,
  cause: 'lifetime',
  gain: 2 * NCU,
  n: 10,
  amount: 20 * NCU,
  forfeited: NCU,
  burned: 14 * NCU,
  refunds: [
    { client: ME, job: JOB, attempt: 0, amount: 2 * NCU },
    { client: OTHER, job: PROFILE, attempt: 1, amount: 3 * NCU },
  ],
  refunded: 5 * NCU,
  clients: 2,
  finders: [{ auditor: OTHER, amount: 2 * NCU }],
  subjects: [PROFILE],
};

const FINDING = {
  code: 'price-band',
  author: KEY,
  core: KEY,
  index: 3,
  cut: 8,
  detail: 'too much',
};

function rows(fields = {}) {
  const sums = { available: 1, pending: 1, escrow: 0, bonded: 1, owed: 0 };
  return {
    epoch: 9,
    root: OTHER,
    certified: { epoch: 8, root: KEY },
    differs: null,
    electorate: { since: 0, seats: [{ key: KEY, weight: 2 }], coming: null },
    epochMs: 30_000,
    cutAt: AT - 10_000,
    own: own(),
    totals: { ...sums, burned: 14_700_000, grants: 3000 * NCU, emission: 0 },
    accounts: [account(ME), account(KEY, { bonded: 0, banned: true, violations: 1 })],
    accountCount: 700,
    prices: [PRICE],
    epochs: [{
      epoch: 9,
      root: OTHER,
      jobs: 3,
      paid: 1,
      fees: 1,
      emitted: 1,
      refunded: 1,
      slashed: 1,
      accounts: 2,
    }],
    earnings: [
      { epoch: 8, paid: 63_000, rewards: 0, spent: 0 },
      { epoch: 9, paid: 126_000, rewards: -1000, spent: -2 * NCU },
    ],
    payments: [PAYMENT],
    slashes: [SLASH],
    findings: [FINDING],
    findingCount: 17,
    note: null,
    ...fields,
  };
}

/** A small mesh whose ledger stands as given. */
function stateOf(ledger: unknown, ...events: unknown[]): State {
  const state = emptyState(0);
  step(state, new SyntheticMesh(2, AT).snapshot(AT));
  for (const event of [{ event: 'ledger', at: AT, ledger }, ...events]) step(state, event);
  return state;
}

function screenOf(state: State, columns = 120, rows = 40): Screen {
  return { context: { state, now: AT }, columns, rows, readOnly: false, player: null };
}

const PANE: Ui = { ...initialUi(), pane: 'ledger' };

function shown(state: State, columns?: number, rows?: number, ui = PANE): string[] {
  return frame(ui, screenOf(state, columns, rows)).map(plain);
}

function detail(state: State, key: string, columns?: number): string {
  return shown(state, columns, 60, { ...PANE, detail: { key, top: 0 } }).join('\n');
}

t.test('the fold keeps what a node tells of its ledger', async (t) => {
  await t.test('with the snapshot, and as it changes', (t) => {
    const state = emptyState(0);
    const snapshot = new SyntheticMesh(3, AT).snapshot(AT);
    step(state, { ...snapshot, ledger: rows() });
    t.strictSame(JSON.parse(JSON.stringify(stateJson(state))).ledger, rows());
    step(state, { event: 'ledger', at: AT + 1, ledger: rows({ epoch: 10 }) });
    t.equal(state.ledger?.epoch, 10);
    t.equal(state.counts.skipped, 0);
    step(state, { ...snapshot, ledger: null });
    t.equal(state.ledger, null, 'another network has no money');
    t.end();
  });

  await t.test('what makes no sense is left out, row by row', (t) => {
    const state = stateOf(rows({
      accounts: [{ available: 3 }, account('x'), 7, account(KEY, { available: -1, owed: 1.5 })],
      prices: [{ ...PRICE, output: -1 }, PRICE],
      slashes: [{ ...SLASH, cause: 'envy' }, { ...SLASH, refunds: 'all' }],
      payments: [{ ...PAYMENT, executor: null }],
      own: 'me',
    }));
    t.match(state.ledger, { own: null, prices: [PRICE], payments: [], slashes: [{ refunds: [] }] });
    t.equal(state.ledger!.slashes.length, 1);
    t.match(state.ledger!.accounts, [{ key: KEY, available: 0, owed: 0, pending: 3_000_001 }]);
    const before = state.ledger;
    for (const ledger of [null, [], 'x', {}, { accounts: [], prices: 3 }]) {
      step(state, { event: 'ledger', at: AT, ledger });
    }
    t.equal(state.ledger, before);
    t.equal(state.counts.skipped, 5);
    t.end();
  });

  await t.test('and no more of it than fits', (t) => {
    const many = <T>(make: (key: string, i: number) => T) =>
      Array.from({ length: 1000 }, (_, i) => make(i.toString(16).padStart(64, '0'), i));
    const history = many((_, epoch) => ({ epoch, output: 1 }));
    const refunds = many((client) => ({ client, job: JOB, attempt: 0, amount: 1 }));
    const finders = many((auditor) => ({ auditor, amount: 1 }));
    const subjects = many((key) => key);
    const { ledger } = stateOf(rows({
      own: own({ unbonds: many((_, cut) => ({ amount: 1, cut })) }),
      accounts: many((key) => account(key)),
      prices: many((profile) => ({ ...PRICE, profile, model: 'x'.repeat(9999), history })),
      epochs: many((_, epoch) => ({ ...rows().epochs[0], epoch })),
      earnings: many((_, epoch) => ({ epoch, paid: 1, rewards: 1, spent: 1 })),
      payments: many((_, epoch) => ({ ...PAYMENT, epoch })),
      slashes: many((_, epoch) => ({ ...SLASH, epoch, refunds, finders, subjects })),
      findings: many((_, index) => ({ ...FINDING, index, detail: 'x'.repeat(9999) })),
      note: 'x'.repeat(9999),
    }));
    t.equal(ledger!.accounts.length, LIMITS.accounts);
    t.equal(ledger!.prices.length, LIMITS.models);
    t.equal(ledger!.own!.unbonds.length, LIMITS.parts);
    for (const list of [ledger!.epochs, ledger!.earnings, ledger!.prices[0]!.history]) {
      t.equal(list.length, LIMITS.history);
      t.equal(list.at(-1)!.epoch, 999, 'the newest');
    }
    t.equal(ledger!.payments.length, LIMITS.payments);
    t.equal(ledger!.slashes.length, LIMITS.slashes);
    t.equal(ledger!.slashes[0]!.refunds.length, LIMITS.parts);
    t.equal(ledger!.slashes[0]!.finders.length, LIMITS.parts);
    t.ok(JSON.stringify(ledger).length < 2e6);
    t.end();
  });

  await t.test('whatever a node tells, both panes can be drawn', (t) => {
    const value = fc.oneof(fc.anything(), fc.constantFrom(KEY, ME, 'fork', -1, 1e300, 3, NaN));
    const shapes = fc.constantFrom<object>(account(KEY), own(), PRICE, PAYMENT, SLASH, FINDING);
    const spoilt = fc.tuple(shapes, fc.nat(), value).map(([shape, at, value]) => {
      const names = Object.keys(shape);
      return { ...shape, [names[at % names.length]!]: value };
    });
    const list = fc.array(spoilt, { maxLength: 4 });
    const ledger = fc.tuple(list, list, list, list, list, spoilt, value).map((
      [accounts, prices, payments, slashes, findings, own, any],
    ) => rows({ accounts, prices, payments, slashes, findings, own, epochMs: any, cutAt: any }));
    fc.assert(
      fc.property(ledger, fc.integer({ min: 40, max: 200 }), (ledger, columns) => {
        const state = stateOf(ledger);
        const lines = [
          ...shown(state, columns),
          ...shown(state, columns, 40, { ...PANE, pane: 'trust' }),
          ...detail(state, KEY, columns).split('\n'),
          ...detail(state, ME, columns).split('\n'),
        ];
        // deno-lint-ignore no-control-regex
        return !lines.some((line) => widthOf(line) !== columns || /[\u0000-\u001f]/.test(line));
      }),
      { numRuns: 50 },
    );
    t.end();
  });
});

t.test('amounts for narrow columns', (t) => {
  t.same([0, 1, 500_000, NCU, 12_500_000].map(ncu), ['0', '0.000001', '0.5', '1', '12.5']);
  t.same([999_500_000, 1e10, 4.567e12, 9e15].map(ncu), ['1000', '10k', '4567k', '9000M']);
  t.same([-1, -2_500_000].map(ncu), ['-0.000001', '-2.5']);
  fc.assert(fc.property(fc.maxSafeInteger(), (micro) => ncu(micro).length <= 9));
  t.equal(trend([1000, 1000], 9), '▄▄');
  t.equal(trend([1, 1000, 1050], 2), '▁█', 'how the last ones moved');
  t.equal(trend([], 9), '');
  t.end();
});

t.test('the own balance, the next epoch, prices, earnings, payments', (t) => {
  const lines = shown(stateOf(rows()));
  t.match(lines[1], /\[5 Ledger\].* 2 rows/);
  t.match(lines[2], /KEY +NAME +STANDING +WORTH▼ AVAILABLE +PENDING +BONDED .*REP .*EARNED/);
  t.match(lines[3], /^> [0-9a-f]{8} this node +bonded +115\.5 +12\.5 +3 +100 .* 63% .* 250 /);
  t.match(lines[4], /^ {2}abababab +! banned +15\.5 +12\.5 +3 +- /);
  const rest = lines.slice(5).join('\n');
  t.match(rest, /have +12\.5 NCU available +3 pending +100 bonded/);
  t.match(rest, /work +reputation 63% +audited 13% +unsettled 3 of 10 covered \(bond \/ 10\)/);
  t.match(rest, /cut 9 \[██▋░+\] next in 20\.0 s +root cdcdcdcd certified to 8 +700 accounts/);
  t.match(rest, /earned ▅█ 0\.188 NCU in 2 epochs +last 0\.126 paid -0\.001 rewards -2 spent/);
  t.match(rest, /price +▁█ smollm2-135m +1\.05 NCU per 1k tokens, 0\.04 of prompt +level 105%/);
  t.match(rest, /\? 17 entries against a rule, last price-band of abababab: too much/);
  t.match(rest, /#8 \+ +0\.063 NCU from cdcdcdcd +64 tokens smollm2-135m +free after cut 14/);
  t.end();
});

t.test('what is not usual says so without a colour', (t) => {
  const strained = own({ unbonding: 4 * NCU, owed: NCU, escrow: NCU, unsettled: 11 * NCU });
  const text = shown(stateOf(rows({ own: strained, note: 'cut 10 is late', cutAt: AT - 40_000 })))
    .join('\n');
  t.match(text, /100 bonded \(4 unbonding\) +1 owed +1 in escrow/);
  t.match(text, /~ unsettled 11 of 10 covered/);
  t.match(text, /\[█+\] next is due/, 'so soon it is no delay');
  const much = shown(stateOf(rows({ cutAt: AT - 46_000 }))).join('\n');
  t.match(much, /\[█+\] next 16\.0 s late/);
  const little = own({ available: 999_993_839 });
  t.match(shown(stateOf(rows({ own: little }))).join('\n'), /have +999\.993839 NCU available/);
  t.match(text, /! cut 10 is late/);
  const differs = { epoch: 8, root: KEY, certified: OTHER };
  t.match(stateOf(rows({ differs })), { ledger: { differs } });
  t.match(shown(stateOf(rows({ own: null }))).join('\n'), /no account yet: it begins with the/);
  t.match(shown(stateOf(rows({ epoch: null, cutAt: null, certified: null }))).join('\n'), /no cut/);
  const lines = frame(PANE, screenOf(stateOf(rows({ own: strained }))));
  // deno-lint-ignore no-control-regex
  t.notMatch(lines.map((line) => paint(line, false)).join('\n'), /\u001b\[[349]/);
  t.end();
});

t.test('a prompt token may cost less than one micro-NCU', (t) => {
  const cheap = rows({ prices: [{ ...PRICE, prompt: 0.667, output: 2 }] });
  t.match(shown(stateOf(cheap)).join('\n'), /0\.002 NCU per 1k tokens, 0\.000667 of prompt/);
  t.end();
});

t.test('an account in full: amounts exactly, its bond, payments', (t) => {
  const unbonds = [{ amount: 1, cut: 31 }];
  const about = detail(stateOf(rows({ own: own({ unbonds }) })), ME, 100);
  t.match(about, /standing +bonded/);
  t.match(about, /pending +3\.000001 NCU/);
  t.match(about, /0\.000001 NCU are free after cut 31/);
  t.match(about, /next answer +audited with a chance of 13%/);
  t.match(about, /payments, newest first +\n +#8 \+/);
  const cheat = detail(stateOf(rows()), KEY, 80);
  t.match(cheat, /violations +1/);
  t.match(cheat, /! slashed in cut 9: lifetime +\n +20 NCU of the bond \(10 x 2 NCU gain\), 1 of/);
  t.match(cheat, /5 refunded to 2 clients +\n +2 +this node, job 01010101 #0 +\n +3 +cdcdcdcd/);
  t.match(cheat, /14 burned/);
  t.match(cheat, PROFILE, 'the entry that it follows from');
  t.end();
});

t.test('slashes and refunds stand with the audits, as they happen', (t) => {
  const job = { event: 'job-accepted', at: AT, job: JOB, attempt: 0, requester: KEY, position: 0 };
  const { subjects: _, ...slash } = SLASH;
  const state = stateOf(
    rows({ slashes: [] }),
    job,
    { event: 'payment', at: AT + 1, ...PAYMENT, earned: true },
    { event: 'refunded', at: AT + 2, job: JOB, attempt: 0, executor: KEY, amount: NCU, epoch: 9 },
    { event: 'slashed', at: AT + 2, ...slash },
    { event: 'bonded', at: AT + 3, account: ME, amount: NCU, epoch: 9 },
    { event: 'fined', at: AT + 4, account: ME, amount: 500, epoch: 9 },
    { event: 'balance-low', at: AT + 5, spendable: NCU, epochs: 3 },
  );
  t.equal(state.counts.skipped, 0);
  t.same(state.happenings.map(({ text, bad }) => [text, bad]), [
    ['1 NCU came back for job 01010101: abababab was slashed', false],
    [
      'abababab was slashed (lifetime): 20 NCU of its bond, 1 of its earnings; ' +
      '5 went back to clients',
      true,
    ],
    ['1 NCU bonded', false],
    ['fined 0.0005 NCU for a duty that was not done', true],
    ['the balance lasts for 3 epochs more: 1 NCU', true],
  ]);
  t.same(state.jobs.get(JOB)!.steps.slice(1).map(({ name, detail }) => [name, detail]), [
    ['paid', '0.063 NCU by cdcdcdcd'],
    ['refunded', '1 NCU came back'],
  ]);
  const trust: Ui = { ...initialUi(), pane: 'trust' };
  t.notMatch(shown(state, 120, 40, trust).join('\n'), /slashed, newest/);
  step(state, { event: 'ledger', at: AT + 3, ledger: rows() });
  t.match(
    shown(state, 140, 40, trust).join('\n'),
    /slashed, newest last +\n +#9 ! abababab +-21 NCU lifetime, refunded 5 to this node 2 and cdcdcdcd, finders 2, burned 14/,
  );
  t.end();
});

t.test('it fits any screen: what matters most stays', (t) => {
  const state = emptyState(0);
  step(state, new SyntheticMesh(300, AT).snapshot(AT));
  t.match(shown(state, 40, 10)[2], /KEY +WORTH▼ AVAILABLE +BONDED *$/);
  t.match(
    shown(state, 80, 24)[2],
    /KEY +NAME +STANDING +WORTH▼ AVAILABLE +PENDING +BONDED +REP *$/,
  );
  t.match(
    shown(state, 80, 24).join('\n'),
    /have .*\nwork .*\ncut 20 .*\nearned .*\nprice .*\nprice .*\n +#16 ! .*\n +#20 - /,
  );
  t.match(shown(state, 220, 60)[2], /OWED +ESCROW +REP +SERVED +EARNED +SPENT/);
  t.match(shown(state, 220, 60).join('\n'), /payments, newest last/);
  t.end();
});

t.test('keys: bond and unbond, asked for exactly and confirmed', (t) => {
  const state = stateOf(rows({ own: own({ unbonding: 99 * NCU }) }));
  const screen = screenOf(state, 80, 24);
  let ui = PANE, effects: Effect[] = [];
  const keys = (...names: string[]) => {
    for (const name of names) {
      ({ ui, effects } = press(ui, { name, text: [...name].length === 1 ? name : '' }, screen));
    }
    return frame(ui, screen).map(plain).at(-1)!;
  };
  t.match(keys('B'), /^NCU to bond, at most 12\.5:/);
  t.match(keys('1', 'e', '3', 'enter'), /an amount in NCU has at most six decimals/);
  t.match(keys('ctrl-u', '0', 'enter'), /must be above 0/);
  t.match(keys('ctrl-u', '-', '5', 'enter'), /must be above 0/);
  t.notMatch(keys('esc'), /above 0/, 'with the question goes what was wrong with the answer');
  t.match(keys('B'), /^NCU to bond, at most 12\.5: *$/, 'a question begins empty');
  t.match(keys('ctrl-u', ...'12.500001', 'enter'), /at most 12\.5 NCU/);
  t.match(
    keys('ctrl-u', ...'0.000001', 'enter'),
    /^bond 0\.000001 NCU\? Cheating, once proven, loses it +y yes/,
  );
  t.same(keys('n') && effects, []);
  keys('B', ...'2.5', 'enter', 'y');
  t.match(effects[0], { type: 'act', action: { method: 'bond', params: { amount: 2_500_000 } } });
  t.match(keys('U'), /^NCU to unbond, at most 1:/, 'what is not asked back yet');
  t.match(keys('1', 'enter'), /^unbond 1 NCU\? It stays at stake for some cuts more +y/);
  keys('y');
  t.match(effects[0], { type: 'act', action: { method: 'unbond', params: { amount: NCU } } });
  t.end();
});

t.test('where there is nothing to bond, it says so', (t) => {
  const bottom = (ledger: unknown, key: string, readOnly = false) => {
    const screen = { ...screenOf(stateOf(ledger)), readOnly };
    return plain(frame(press(PANE, { name: key, text: key }, screen).ui, screen).at(-1)!);
  };
  t.match(bottom(rows({ own: own({ available: 0 }) }), 'B'), /nothing is available/);
  t.match(bottom(rows({ own: own({ bonded: 0 }) }), 'U'), /nothing is bonded/);
  t.match(bottom(rows({ own: own({ banned: true }) }), 'B'), /this account is banned/);
  t.match(bottom(rows({ own: null }), 'B'), /no account yet/);
  t.match(bottom(rows(), 'B', true), /read-only/);
  const state = emptyState(0);
  step(state, { ...new SyntheticMesh(3, AT).snapshot(AT), ledger: null });
  const screen = screenOf(state);
  t.match(
    plain(frame(press(PANE, { name: 'B', text: 'B' }, screen).ui, screen).at(-1)!),
    /there is no money in this network/,
  );
  t.notMatch(shown(state)[1], /Ledger/);
  t.notMatch(snapshotText({ state, now: AT }, 160).join('\n'), /LEDGER/);
  t.end();
});

t.test('a snapshot as text has it', (t) => {
  const text = snapshotText({ state: stateOf(rows()), now: AT }, 120).join('\n');
  t.match(text, /\nTRUST\n(.|\n)*#9 ! abababab(.|\n)*\nLEDGER\nKEY +NAME(.|\n)*have +12\.5 NCU/);
  t.end();
});
