import t from 'tap';
import fc from 'fast-check';
import { frame } from '../../tui/app/frame.ts';
import { snapshotText } from '../../tui/app/once.ts';
import { initialUi, type Screen, type Ui } from '../../tui/app/ui.ts';
import { lineWidth, paint, plain, widthOf } from '../../tui/draw/mod.ts';
import { PANES } from '../../tui/panes/mod.ts';
import { emptyState, type State, step } from '../../tui/state/mod.ts';
import { NAMES, SyntheticMesh } from '../lib/synthetic_mesh.ts';

const AT = 1_700_000_000_000;

/** A mesh with hostile names in which much has happened. */
function busy(): State {
  const mesh = new SyntheticMesh(40, AT);
  const state = emptyState(0);
  step(state, mesh.snapshot(AT));
  for (let i = 0; i < 2000; i++) step(state, mesh.next(AT + i * 10));
  for (const name of NAMES) {
    step(state, { event: 'error', at: AT + 1, code: 'X', message: name });
  }
  const core = mesh.cores[0]!.key;
  const findings = [{ code: 'FORK', core, index: 3, detail: 'rewritten' }];
  step(state, { event: 'findings', at: AT, findings, unresolved: 2, digest: core });
  return state;
}

function screenOf(state: State, columns: number, rows: number): Screen {
  return {
    context: { state, now: AT + 25_000 },
    columns,
    rows,
    readOnly: false,
    player: null,
  };
}

/** The screen as text, one line each. */
function shown(ui: Ui, screen: Screen): string[] {
  return frame(ui, screen).map(plain);
}

t.test('a frame fills the screen exactly, whatever its size and whoever is in it', (t) => {
  const state = busy();
  const key = [...state.jobs.values()].find((job) => job.candidates.length > 0)!.id;
  const uis: Ui[] = PANES.flatMap((pane) => {
    const ui = { ...initialUi(), pane: pane.id };
    const row = pane.rows({ state, now: AT })[0];
    return [ui, { ...ui, detail: { key: pane.key(row), top: 0 } }];
  });
  uis.push(
    { ...initialUi(), mode: { kind: 'help', top: 0 } },
    { ...initialUi(), pane: 'chat' },
    { ...initialUi(), pane: 'routing', detail: { key, top: 0 } },
  );
  const size = fc.tuple(fc.integer({ min: 1, max: 260 }), fc.integer({ min: 1, max: 70 }));
  fc.assert(
    fc.property(size, fc.constantFrom(...uis), ([columns, rows], ui) => {
      const lines = frame(ui, screenOf(state, columns, rows));
      return lines.length === rows && lines.every((line) => lineWidth(line) === columns);
    }),
    { numRuns: 150 },
  );
  t.end();
});

t.test('nothing but our own colours reaches the terminal', (t) => {
  const state = busy();
  for (const pane of PANES) {
    const ui = { ...initialUi(), pane: pane.id };
    const lines = frame(ui, screenOf(state, 200, 50));
    // deno-lint-ignore no-control-regex
    const codes = /\u001b\[(1|2|7|22|27|3[1236]|39)m/g;
    const rest = lines.map((line) => paint(line, true).replace(codes, '')).join('');
    // deno-lint-ignore no-control-regex
    t.notMatch(rest, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/, pane.id);
    const without = lines.map((line) => paint(line, false)).join('');
    // deno-lint-ignore no-control-regex
    t.notMatch(without, /\u001b\[(3|4|9)/, `${pane.id}: NO_COLOR has no colours`);
  }
  t.end();
});

t.test('what a narrow terminal leaves out is the least important', (t) => {
  const state = busy();
  const heading = (columns: number) => shown(initialUi(), screenOf(state, columns, 24))[2]!;
  t.match(heading(40), /KEY +NAME/);
  t.notMatch(heading(40), /HARDWARE/);
  t.match(heading(80), /KEY.*NAME.*RTT.*LOAD.*TOK\/S.*SERVES/);
  t.notMatch(heading(80), /HARDWARE/);
  t.match(heading(160), /STATE.*RTT.*BY.*PRICE.*SEEN.*HARDWARE \(claimed\)/);
  t.match(shown(initialUi(), screenOf(state, 39, 24))[0], /too small/);
  t.match(shown(initialUi(), screenOf(state, 80, 9))[0], /too small/);
  t.end();
});

t.test('wide names take the columns that they have', (t) => {
  const state = busy();
  const lines = shown(initialUi(), screenOf(state, 120, 50));
  const at = (line: string, word: string) => widthOf(line.slice(0, line.indexOf(word)));
  const rows = lines.filter((line) => /ms (direct|holepunched|relayed)/.test(line));
  t.ok(rows.length > 30);
  const column = new Set(
    rows.map((line) => at(line, line.match(/direct|holepunched|relayed/)![0])),
  );
  t.equal(column.size, 1, 'one column for all names');
  t.ok(rows.some((line) => line.includes('東京の計算機')));
  t.ok(rows.some((line) => line.includes('🦊 fox')));
  t.end();
});

t.test('a pane without data is absent', (t) => {
  const state = emptyState(AT);
  t.match(shown(initialUi(), screenOf(state, 80, 24)).join('\n'), /start one with nexus up/);
  step(state, new SyntheticMesh(0, AT).snapshot(AT));
  const tabs = () => shown(initialUi(), screenOf(state, 80, 24))[1]!;
  t.match(tabs(), /1 Mesh/);
  t.notMatch(tabs(), /Routing/);
  step(state, {
    event: 'job-accepted',
    at: AT,
    job: 'ab',
    attempt: 0,
    requester: 'cd',
    position: 0,
  });
  t.match(tabs(), /2 Routing/);
  t.end();
});

t.test('hardware is told as a claim, scores and timeline as they were recorded', (t) => {
  const state = busy();
  const peer = [...state.peers.keys()][0]!;
  const detail = (pane: string, key: string) =>
    shown({ ...initialUi(), pane, detail: { key, top: 0 } }, screenOf(state, 120, 60)).join('\n');
  t.match(detail('mesh', peer), /hardware +NVIDIA.*its own claim/);
  const job = [...state.jobs.values()].find((j) => j.failovers > 0 && j.candidates.length > 0)!;
  const text = detail('routing', job.id);
  t.match(text, /why this executor.*\n.*cost.*queue.*first token.*decode.*price/);
  t.match(text, /offer.*\n(.*\n)*.*! failover/);
  const core = state.findings!.rows[0]!.core;
  t.match(detail('logs', core), /FORK #3: rewritten/);
  t.end();
});

t.test('a node that is away is said to be, with the time and what is done', (t) => {
  const state = busy();
  step(state, { event: 'away', at: AT + 20_000, code: 'NODE_LOST', reason: 'gone' });
  const lines = shown(initialUi(), screenOf(state, 100, 24));
  t.match(lines[0], /away since \d\d:\d\d:\d\d \(5s\), trying again/);
  t.match(lines.join('\n'), /KEY +NAME/, 'what was known is still there');
  t.end();
});

t.test('a snapshot is plain text with a heading for each pane', (t) => {
  const text = snapshotText({ state: busy(), now: AT }, 160).join('\n');
  // deno-lint-ignore no-control-regex
  t.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  t.match(text, /\nMESH\nKEY(.|\n)*\nROUTING\nJOB(.|\n)*\nLOGS\nOWNER(.|\n)*1 inconsistenc(y|ies)/);
  t.end();
});
