import t from 'tap';
import fc from 'fast-check';
import { frame } from '../../tui/app/frame.ts';
import { snapshotText } from '../../tui/app/once.ts';
import { press } from '../../tui/app/press.ts';
import { initialUi, type Screen, type Ui } from '../../tui/app/ui.ts';
import { gauge, paint, plain, widthOf } from '../../tui/draw/mod.ts';
import { emptyState, LIMITS, type State, stateJson, step } from '../../tui/state/mod.ts';
import { SyntheticMesh } from '../lib/synthetic_mesh.ts';

const KEY = 'ab'.repeat(32), OTHER = 'cd'.repeat(32), JOB = '01'.repeat(32);
const SUBJECT = '5e'.repeat(32);
const AT = 1_700_000_000_000;

function audit(fields = {}) {
  return {
    subject: SUBJECT,
    job: JOB,
    attempt: 0,
    executor: KEY,
    auditor: OTHER,
    own: false,
    panel: false,
    state: 'revealed',
    epoch: 7,
    due: null,
    finding: 'trigger',
    positions: 64,
    mismatches: 3,
    detail: 'heavy tail',
    ...fields,
  };
}

function executor(key: string, fields = {}) {
  return {
    key,
    subjects: 20,
    audited: 9,
    clean: 9,
    suspect: 0,
    withheld: 0,
    planted: 0,
    rate: 0.25,
    log: 1.5,
    history: [{ epoch: 3, log: -0.5 }, { epoch: 4, log: 1.5 }],
    limit: 6,
    proven: false,
    ...fields,
  };
}

function auditor(key: string, fields = {}) {
  return {
    key,
    owed: 1,
    done: 5,
    missed: 0,
    against: 0,
    copied: 0,
    canaries: 2,
    wrong: 0,
    ...fields,
  };
}

function rows(fields = {}) {
  return {
    epoch: 9,
    digest: KEY,
    owed: 1,
    done: 5,
    missed: 2,
    audits: [audit()],
    executors: [executor(KEY)],
    auditors: [auditor(OTHER)],
    cheats: [],
    proofs: null,
    note: null,
    ...fields,
  };
}

const CHEAT = {
  executor: KEY,
  cause: 'lifetime',
  epoch: 8,
  log: 6.5,
  subjects: ['77'.repeat(32), SUBJECT],
  detail: '2 audited answers speak against it',
};

/** A small mesh whose audits stand as given. */
function stateOf(trust: unknown, ...events: unknown[]): State {
  const state = emptyState(0);
  step(state, new SyntheticMesh(2, AT).snapshot(AT));
  for (const event of [{ event: 'trust', at: AT, trust }, ...events]) step(state, event);
  return state;
}

function screenOf(state: State, columns = 120, rows = 40): Screen {
  return { context: { state, now: AT }, columns, rows, readOnly: false, player: null };
}

const PANE: Ui = { ...initialUi(), pane: 'trust' };

function shown(state: State, columns?: number, rows?: number, ui = PANE): string[] {
  return frame(ui, screenOf(state, columns, rows)).map(plain);
}

function detail(state: State, key: string, columns?: number): string {
  return shown(state, columns, 60, { ...PANE, detail: { key, top: 0 } }).join('\n');
}

t.test('the fold keeps what a node tells of its audits', async (t) => {
  await t.test('with the snapshot, and as it changes', (t) => {
    const state = emptyState(0);
    const snapshot = new SyntheticMesh(3, AT).snapshot(AT);
    step(state, { ...snapshot, trust: rows() });
    t.strictSame(JSON.parse(JSON.stringify(stateJson(state))).trust, rows());
    step(state, { event: 'trust', at: AT + 1, trust: rows({ epoch: 10 }) });
    t.equal(state.trust?.epoch, 10);
    const audits = [audit({ epoch: 9 }), audit({ epoch: 3 })];
    step(state, { event: 'trust', at: AT + 2, trust: rows({ audits }) });
    t.same(state.trust?.audits.map(({ epoch }) => epoch), [3, 9], 'the last drawn comes last');
    t.equal(state.counts.skipped, 0);
    step(state, { ...snapshot, trust: null });
    t.equal(state.trust, null, 'another network has no witnesses');
    t.end();
  });

  await t.test('what makes no sense is left out, row by row', (t) => {
    const audits = [audit({ state: 'dreamt' }), audit({ executor: 'x' }), 7, audit()];
    const executors = [executor(KEY, { log: NaN }), executor(KEY, { limit: '6' }), executor(OTHER)];
    const state = stateOf(rows({ audits, executors, auditors: 3, cheats: [{}] }));
    t.match(state.trust, { audits: [audit()], auditors: [], cheats: [] });
    t.same(state.trust!.executors.map(({ key }) => key), [OTHER]);
    const before = state.trust;
    for (const trust of [null, [], 'x', {}, { executors: [], audits: 3 }]) {
      step(state, { event: 'trust', at: AT, trust });
    }
    t.equal(state.trust, before);
    t.equal(state.counts.skipped, 5);
    t.end();
  });

  await t.test('and no more of it than fits', (t) => {
    const many = <T>(make: (key: string) => T) =>
      Array.from({ length: 1000 }, (_, i) => make(i.toString(16).padStart(64, '0')));
    const hashes = many((hash) => hash);
    const history = many((key) => ({ epoch: parseInt(key, 16), log: 0 }));
    const { trust } = stateOf(rows({
      audits: many((subject) => audit({ subject, detail: 'x'.repeat(9999) })),
      executors: many((key) => executor(key, { history })),
      auditors: many((key) => auditor(key)),
      cheats: many((key) => ({ ...CHEAT, executor: key, subjects: hashes })),
      note: 'x'.repeat(9999),
    }));
    t.equal(trust!.audits.length, LIMITS.audits);
    t.match(trust!.audits.at(-1)!.subject, /3e7$/, 'the newest');
    t.equal(trust!.executors.length, LIMITS.executors);
    t.equal(trust!.executors[0]!.history.length, LIMITS.history);
    t.equal(trust!.executors[0]!.history.at(-1)!.epoch, 999, 'the newest');
    t.equal(trust!.auditors.length, LIMITS.auditors);
    t.equal(trust!.cheats.length, LIMITS.cheats);
    t.equal(trust!.cheats[0]!.subjects.length, LIMITS.subjects);
    t.ok(JSON.stringify(trust).length < 2e6);
    t.end();
  });

  await t.test('whatever a node tells, the pane can be drawn', (t) => {
    const value = fc.oneof(fc.anything(), fc.constantFrom(KEY, OTHER, 'lifetime', -1, 1e300, 3));
    const shapes = fc.constantFrom(audit(), executor(KEY), auditor(KEY), CHEAT);
    const spoilt = fc.tuple(shapes, fc.nat(), value).map(([shape, at, value]) => {
      const names = Object.keys(shape);
      return { ...shape, [names[at % names.length]!]: value };
    });
    const lists = fc.array(spoilt, { maxLength: 4 });
    const trust = fc.tuple(lists, lists, lists, lists, value).map((
      [audits, executors, auditors, cheats, note],
    ) => rows({ audits, executors, auditors, cheats, note }));
    fc.assert(
      fc.property(trust, fc.integer({ min: 40, max: 200 }), (trust, columns) => {
        const state = stateOf(trust);
        const lines = [...shown(state, columns), ...detail(state, KEY, columns).split('\n')];
        // deno-lint-ignore no-control-regex
        return !lines.some((line) => widthOf(line) !== columns || /[\u0000-\u001f]/.test(line));
      }),
      { numRuns: 50 },
    );
    t.end();
  });
});

t.test('what happens to an answer is a moment of its job, and a line', (t) => {
  const about = { subject: SUBJECT, job: JOB, attempt: 0, executor: KEY, panel: false, epoch: 7 };
  const by = { ...about, auditor: OTHER, due: null, own: false, mine: true };
  const verdict = { positions: 64, mismatches: 3, detail: 'a\u001b[2Jb' };
  const state = stateOf(
    rows(),
    { event: 'job-accepted', at: AT, job: JOB, attempt: 0, requester: OTHER, position: 0 },
    { event: 'audit-duty', at: AT + 1, ...about, due: 9 },
    { event: 'audit-verdict', at: AT + 2, ...by, finding: 'trigger', ...verdict },
    { event: 'audit-verdict', at: AT + 3, ...by, mine: false, finding: 'ok', ...verdict },
    { event: 'audit-withheld', at: AT + 4, ...by },
    { event: 'audit-missed', at: AT + 5, ...by },
    { event: 'cheat-proven', at: AT + 6, ...CHEAT },
  );
  t.same(
    state.jobs.get(JOB)!.steps.filter(({ name }) => name === 'audit').map((s) => [s.detail, s.bad]),
    [
      ['trigger, by cdcdcdcd, 64 positions', true],
      ['ok, by cdcdcdcd, 64 positions', false],
      ['its key was withheld', true],
      ['not done by cdcdcdcd', true],
    ],
  );
  t.same(state.happenings.map(({ text, bad }) => [text, bad]), [
    ['drawn to audit: an answer of abababab, due in cut 9', false],
    ['audit of abababab (our job) by cdcdcdcd: trigger a[2Jb', true],
    ['audit of abababab (our job) by cdcdcdcd: the key was withheld', true],
    ['audit of abababab (our job) by cdcdcdcd: not done in time', true],
    ['abababab is proven a cheat (lifetime): 2 audited answers speak against it', true],
  ], 'verdicts that are right and none of ours are no news');
  t.equal(state.counts.skipped, 0);
  t.end();
});

t.test('what is owed stands below the verdicts, own duties first', (t) => {
  const audits = [
    audit({ state: 'drawn', finding: null, positions: null, detail: '', due: 10 }),
    audit({ state: 'missed', finding: null, positions: null, detail: '', epoch: 6 }),
    audit({ state: 'opened', finding: null, positions: null, detail: '', due: 11, own: true }),
  ];
  const lines = shown(stateOf(rows({ audits })), 80).map((line) => line.trimEnd());
  const from = lines.indexOf('verdicts, newest last');
  t.strictSame(lines.slice(from, from + 5), [
    'verdicts, newest last',
    '    #6 ! missed       abababab by cdcdcdcd',
    'audits owed',
    '    #7 · opened       abababab by this node       due in cut 11',
    '    #7 · drawn        abababab by cdcdcdcd        due in cut 10',
  ]);
  t.end();
});

t.test('who is convicted by its own signatures is a cheat here, too', (t) => {
  const state = stateOf(rows({ executors: [executor(KEY), executor(OTHER)] }));
  const accounts = [{ key: KEY, banned: true, violations: 1 }, { key: OTHER, violations: 0 }];
  state.ledger = { accounts, slashes: [] } as unknown as State['ledger'];
  const text = shown(state).join('\n');
  t.match(text, /abababab .* ! slashed /);
  t.match(text, /! 1 proven to cheat/);
  t.match(text, /cdcdcdcd .* ok /);
  t.end();
});

t.test('proofs of sampling stand in a line, where the network asks for them', (t) => {
  const proofs = {
    asked: 7,
    made: 5,
    missing: 1,
    refuted: 0,
    checked: 3,
    refused: 1,
    unchecked: 2,
    waiting: 1,
    proofs: [],
  };
  const said = (of: unknown) =>
    shown(stateOf({ ...rows({}), proofs: of } as ReturnType<typeof rows>), 120)
      .find((line) => /proofs[ ,]/.test(line))?.trim();
  t.equal(
    said(proofs),
    'proofs  7 asked, 5 made, 1 missing, 0 refuted  here: 3 checked, 1 refused, 2 unchecked, ' +
      '1 to be made',
  );
  t.match(
    said({ ...proofs, insecure: true }),
    /^proofs, INSECURE keys {2}7 asked/,
    'anybody could forge them: said first, where no narrow terminal cuts it off',
  );
  for (const none of [null, 'proofs', {}, { proofs: 1 }]) t.equal(said(none), undefined);
  const hostile = { ...proofs, made: -1, proofs: [{ subject: 'no hex' }, null] };
  t.match(said(hostile), /7 asked, 0 made/);
  t.end();
});

t.test('a test moves towards its limit, and is full only there', (t) => {
  t.equal(gauge(0, 4), '░░░░');
  t.equal(gauge(-3, 4), '░░░░');
  t.equal(gauge(0.5, 4), '██░░');
  t.equal(gauge(0.14, 4), '▌░░░');
  t.equal(gauge(0.9999, 4), '███▉');
  t.equal(gauge(1, 4), '████');
  t.equal(gauge(7, 4), '████');
  t.end();
});

t.test('a row for each key: its test, its audits, its duties', (t) => {
  const both = rows({
    executors: [executor(KEY), executor(OTHER, { log: -0.25, audited: 0, clean: 0 })],
    note: 'too few auditors',
  });
  const lines = shown(stateOf(both));
  t.match(lines[1], /\[4 Trust\].* 2 rows/);
  t.match(lines[2], /KEY +NAME +FOUND +TEST▲? *▼? +LOG E.*AUDITED.*RATE OWED +DONE MISSED/);
  t.match(lines[3], /^> abababab .* ok +██+[▏▎▍▌▋▊▉]?░+ +1\.5\/6\.0 .* 9\/20 .* 25% +- +- +-/);
  t.match(lines[4], /^ {2}cdcdcdcd .* ok +░+ +-0\.3\/6\.0 .* 0\/20 .* 1 +5 +0/);
  const rest = lines.join('\n');
  t.match(
    rest,
    /cut 9 +no proven cheat +here: 1 owed, 5 done, 2 missed +all: 1 owed, 5 done, 0 missed/,
  );
  t.match(rest, /! too few auditors/);
  t.match(
    rest,
    /verdicts, newest last +\n +#7 \? trigger +abababab by cdcdcdcd +.*3 of 64 differ heavy/,
  );
  t.end();
});

t.test('a proven cheat comes first, with a mark, and its evidence', (t) => {
  const executors = [
    executor(OTHER, { log: 5 }),
    executor(KEY, { log: 6.5, clean: 0, suspect: 4, proven: true }),
  ];
  const state = stateOf(rows({ executors, cheats: [CHEAT] }));
  t.match(shown(state)[3], /^> abababab .*! CHEAT +█+ +6\.5\/6\.0/);
  t.match(shown(state)[4], /^ {2}cdcdcdcd .*\? rising +█+/);
  t.match(shown(state).join('\n'), /! 1 proven to cheat/);
  const about = detail(state, KEY, 80);
  t.match(about, /found +! CHEAT/);
  t.match(about, /test +█+ +108 %\s+log e +6\.50 of 6\.00 nats: e-value 665, proven from 403 on/);
  t.match(about, /nexus evidence abababab writes a file/);
  t.match(about, /against +4 suspect, 0 withheld/);
  t.notMatch(about, /planted/);
  const witness = stateOf(rows({ executors: [executor(KEY, { planted: 3 })] }));
  t.match(detail(witness, KEY, 80), /planted +3, to test auditors/);
  t.match(about, /! proven a cheat in cut 8: lifetime at log e 6\.50 +\n +2 audited answers/);
  t.match(about, new RegExp(`  ${SUBJECT} +\n +trigger by cdcdcdcd, job 01010101, 3 of 64 differ`));
  t.match(about, `  ${'77'.repeat(32)}`, 'also without its verdict');
  t.match(about, /audits of its answers, newest first +\n +#7 \? trigger/);
  t.end();
});

t.test('every standing has a word and a mark of its own', (t) => {
  const found = (executors: unknown[], auditors: unknown[]) =>
    shown(stateOf(rows({ executors, auditors })))[3]!.slice(24, 52).trim();
  const one = (fields: object) => found([executor(KEY, fields)], []);
  t.match(one({ log: 3 }), /\? rising/);
  t.match(one({ clean: 0, suspect: 1 }), /\? suspect/);
  t.match(one({ clean: 1, suspect: 1 }), /ok/, 'an audit that found nothing since');
  t.match(one({ clean: 0, withheld: 2 }), /~ withheld/);
  t.match(one({ audited: 0 }), /new/);
  t.match(found([], [auditor(KEY, { copied: 1 })]), /! copies/);
  t.match(found([], [auditor(KEY, { wrong: 1 })]), /\? wrong/);
  t.match(found([], [auditor(KEY, { against: 1 })]), /\? against/);
  const missed = stateOf(rows({ executors: [], auditors: [auditor(KEY, { missed: 3 })] }));
  t.match(shown(missed)[3], /!3 *$/);
  t.match(detail(missed, KEY), /duties +1 owed, 5 done, 3 missed/);
  t.end();
});

t.test('it fits any screen: what matters most stays', (t) => {
  const state = emptyState(0);
  step(state, new SyntheticMesh(300, AT).snapshot(AT));
  t.match(shown(state, 40, 10)[2], /KEY +FOUND +LOG E/);
  const small = shown(state, 80, 24);
  t.match(small[2], /KEY +NAME +FOUND +TEST[▲▼] +LOG E AUDITED +OWED +DONE MISSED/);
  t.match(
    small.join('\n'),
    /cut 20 .*(.|\n)*verdicts, newest last +(\n +#\d+ .*){3}\naudits owed +\n +#20 · drawn/,
  );
  t.match(shown(state, 220, 60)[2], /MOVES +AUDITED +WITHHELD +RATE/);
  t.ok(shown(state, 220, 60).filter((line) => line.includes('/6.9')).length > 20);
  t.end();
});

t.test('names are those of the mesh, wide ones in their columns', (t) => {
  const mesh = new SyntheticMesh(10, AT), state = emptyState(0);
  step(state, mesh.snapshot(AT));
  const lines = shown(state).filter((line) => line.includes('/6.9'));
  const at = (line: string) => widthOf(line.slice(0, line.indexOf('/6.9')));
  t.equal(new Set(lines.map(at)).size, 1);
  t.ok(lines.some((line) => line.includes('東京の計算機')));
  // deno-lint-ignore no-control-regex
  t.notMatch(lines.join(''), /[\u0000-\u001f\u202a-\u202e]/);
  t.match(
    shown(state).find((line) => line.startsWith(`  ${mesh.status.key.slice(0, 8)}`)),
    /this node/,
  );
  t.end();
});

t.test('without colours it says the same', (t) => {
  const state = stateOf(rows({ executors: [executor(KEY, { proven: true })], cheats: [CHEAT] }));
  const lines = frame(PANE, screenOf(state));
  const bare = lines.map((line) => paint(line, false)).join('\n');
  // deno-lint-ignore no-control-regex
  t.notMatch(bare, /\u001b\[[349]/);
  t.match(bare, /! CHEAT/);
  t.match(bare, /\? trigger/);
  // deno-lint-ignore no-control-regex
  t.match(lines.map((line) => paint(line, true)).join('\n'), /\u001b\[31m +! 1 proven/);
  t.end();
});

t.test('keys: filter, sort, detail, copy', (t) => {
  const state = stateOf(rows({ executors: [executor(KEY), executor(OTHER, { log: 2 })] }));
  const screen = screenOf(state);
  let ui: Ui = initialUi();
  const keys = (...names: string[]) => {
    for (const name of names) {
      ({ ui } = press(ui, { name, text: [...name].length === 1 ? name : '' }, screen));
    }
    return frame(ui, screen).map(plain);
  };
  t.match(keys('4')[3], /^> cdcdcdcd/, 'the test that moved farthest');
  t.match(keys('S')[3], /^> abababab/);
  t.match(keys('S', 's')[2], /LOG E[▲▼]/);
  t.match(keys('/', 'a', 'b', 'a', 'b', 'enter')[1], /filter abab +1 row/);
  t.match(keys('enter').join('\n'), new RegExp(`key +${KEY}(.|\n)*next answer +audited with`));
  const { effects } = press(ui, { name: 'y', text: 'y' }, screen);
  t.same(effects, [{ type: 'copy', text: KEY }]);
  t.match(keys('esc', '/', 'z', 'z', 'enter').join('\n'), /nothing fits the filter/);
  t.match(keys('esc', '/', 'h', 'e', 'a', 'v', 'y', 'enter').join('\n'), /#7 \? trigger/);
  t.end();
});

t.test('a network without witnesses has no such pane', (t) => {
  const state = emptyState(0);
  step(state, { ...new SyntheticMesh(3, AT).snapshot(AT), trust: null });
  t.notMatch(shown(state)[1], /Trust/);
  t.notMatch(snapshotText({ state, now: AT }, 160).join('\n'), /TRUST/);
  t.end();
});

t.test('a snapshot as text has it', (t) => {
  const text = snapshotText({ state: stateOf(rows()), now: AT }, 120).join('\n');
  t.match(text, /\nTRUST\nKEY +NAME(.|\n)*abababab(.|\n)*cut 9 +no proven cheat +here: 1 owed/);
  t.end();
});
