import t from 'tap';
import fc from 'fast-check';
import { attestedText } from '../../tui/panes/fingerprint_figures.ts';
import { frame } from '../../tui/app/frame.ts';
import { snapshotText } from '../../tui/app/once.ts';
import { initialUi, type Screen, type Ui } from '../../tui/app/ui.ts';
import { plain, widthOf } from '../../tui/draw/mod.ts';
import {
  copyState,
  emptyState,
  joules,
  LIMITS,
  type State,
  stateJson,
  step,
} from '../../tui/state/mod.ts';
import { SyntheticMesh } from '../lib/synthetic_mesh.ts';

const AT = 1_700_000_000_000;
const ME = new SyntheticMesh(2, AT).status.key;
const KEY = 'ab'.repeat(32), OTHER = 'cd'.repeat(32), PROFILE = '5e'.repeat(32);

const FIGURES = { prefill: 900, decode: 90, streams: 4, streamRate: 210, context: 2048, at: AT };
const ATTESTED = {
  prefill: { low: 410, high: 460, confidence: 0.98 },
  decode: { low: 41.5, high: 44, confidence: 0.98 },
  streams: { low: 100, high: 120, confidence: 0.9 },
  context: { low: 2048, high: 2048, confidence: 1 },
  until: 40,
  by: [OTHER, ME],
  raw: { backend: 'cpu', rate: 1200, memory: 64 },
};
const POINT = { at: AT, source: 'attestation', by: OTHER, prefill: 430, decode: 43 };

function node(key: string, fields = {}) {
  return {
    key,
    own: key === ME,
    name: null,
    profile: PROFILE,
    model: 'smollm2-135m',
    class: OTHER,
    claimed: FIGURES,
    measured: null,
    attested: null,
    contradicted: null,
    history: [] as unknown[],
    energy: null as unknown,
    ...fields,
  };
}

const CHALLENGE = {
  executor: KEY,
  profile: PROFILE,
  epoch: 12,
  state: 'work',
  done: 4,
  runs: 10,
  detail: '',
  at: AT - 5000,
};
const REFUTED = { figure: 'decode', claimed: 90, low: 41.5, high: 44, epoch: 11 };
const ESTIMATE = { source: 'estimate', promptToken: 0.0041, outputToken: 0.0069, error: 0.5 };

function rows(fields = {}) {
  return {
    epoch: 12,
    challengers: 3,
    nodes: [
      node(ME, { measured: FIGURES, energy: ESTIMATE, history: [{ ...POINT, source: 'own' }] }),
      node(KEY, { name: 'shed', attested: ATTESTED, contradicted: REFUTED, history: [POINT] }),
      node(OTHER, { name: 'attic', attested: ATTESTED }),
      node('ef'.repeat(32)),
    ],
    challenges: [CHALLENGE, { ...CHALLENGE, epoch: null, state: 'failed', detail: 'it has gone' }],
    cost: 0.0042,
    note: null,
    ...fields,
  };
}

function stateOf(fingerprints: unknown): State {
  const state = emptyState(0);
  step(state, new SyntheticMesh(2, AT).snapshot(AT));
  step(state, { event: 'fingerprints', at: AT, fingerprints });
  return state;
}

const PANE: Ui = { ...initialUi(), pane: 'fingerprints' };

function shown(state: State, columns = 120, height = 40, ui = PANE): string[] {
  const screen: Screen = {
    context: { state, now: AT },
    columns,
    rows: height,
    readOnly: false,
    player: null,
  };
  return frame(ui, screen).map(plain);
}

function detail(state: State, key: string, columns = 100): string {
  const at = { key: `${key}:${PROFILE}`, top: 0 };
  return shown(state, columns, 50, { ...PANE, detail: at }).join('\n');
}

t.test('the fold keeps what a node tells of machines', async (t) => {
  await t.test('with the snapshot, and as it changes', (t) => {
    const state = emptyState(0);
    const snapshot = new SyntheticMesh(3, AT).snapshot(AT);
    step(state, { ...snapshot, fingerprints: rows() });
    t.strictSame(JSON.parse(JSON.stringify(stateJson(state))).fingerprints, rows());
    t.same(copyState(state).fingerprints, state.fingerprints);
    step(state, { event: 'fingerprints', at: AT + 1, fingerprints: rows({ epoch: 13 }) });
    t.equal(state.fingerprints?.epoch, 13);
    t.equal(state.counts.skipped, 0);
    const { fingerprints: _, ...older } = { ...snapshot, fingerprints: null };
    step(state, older);
    t.equal(state.fingerprints, null, 'a recording of an older version');
    t.end();
  });

  await t.test('what makes no sense is left out, row by row', (t) => {
    const state = stateOf(rows({
      nodes: [
        7,
        node('x'),
        { key: KEY },
        node(KEY, {
          claimed: 'fast',
          attested: { ...ATTESTED, decode: { low: -1, high: 3 } },
          energy: { ...ESTIMATE, source: 'guess' },
          history: [{ ...POINT, source: 'rumour' }, POINT],
        }),
      ],
      challenges: [{ ...CHALLENGE, state: 'won' }, CHALLENGE],
    }));
    const [only, ...others] = state.fingerprints!.nodes;
    t.match(only, { key: KEY, claimed: null, attested: null, energy: null, history: [POINT] });
    t.equal(others.length, 0);
    t.equal(state.fingerprints!.challenges.length, 1);
    const before = state.fingerprints;
    for (const wrong of [null, [], 'x', {}, { nodes: [], challenges: 3 }]) {
      step(state, { event: 'fingerprints', at: AT, fingerprints: wrong });
    }
    t.equal(state.fingerprints, before);
    t.equal(state.counts.skipped, 5);
    t.end();
  });

  await t.test('and no more of it than fits', (t) => {
    const many = <T>(make: (key: string, i: number) => T) =>
      Array.from({ length: 1000 }, (_, i) => make(i.toString(16).padStart(64, '0'), i));
    const { fingerprints } = stateOf(rows({
      nodes: many((key) =>
        node(key, {
          name: 'x'.repeat(9999),
          attested: { ...ATTESTED, by: many((key) => key) },
          history: many((_, at) => ({ ...POINT, at })),
        })
      ),
      challenges: many((_, at) => ({ ...CHALLENGE, at, detail: 'x'.repeat(9999) })),
      note: 'x'.repeat(9999),
    }));
    t.equal(fingerprints!.nodes.length, LIMITS.fingerprints);
    t.equal(fingerprints!.nodes[0]!.history.length, LIMITS.history);
    t.equal(fingerprints!.nodes[0]!.history.at(-1)!.at, 999, 'the newest');
    t.equal(fingerprints!.nodes[0]!.attested!.by.length, LIMITS.parts);
    t.equal(fingerprints!.challenges.length, LIMITS.challenges);
    t.equal(fingerprints!.challenges.at(-1)!.at, 999);
    t.ok(JSON.stringify(fingerprints).length < 4e6);
    t.end();
  });

  await t.test('whatever a node tells, the pane can be drawn', (t) => {
    const value = fc.oneof(fc.anything(), fc.constantFrom(KEY, 'gpu', -1, 1e300, 3, NaN, ATTESTED));
    const shapes = fc.constantFrom<object>(...rows().nodes, CHALLENGE);
    const spoilt = fc.tuple(shapes, fc.nat(), value).map(([shape, at, value]) => {
      const names = Object.keys(shape);
      return { ...shape, [names[at % names.length]!]: value };
    });
    const list = fc.array(spoilt, { maxLength: 4 });
    const told = fc.tuple(list, list, value).map(([nodes, challenges, any]) =>
      rows({ nodes, challenges, cost: any, epoch: any, challengers: any })
    );
    fc.assert(
      fc.property(told, fc.integer({ min: 40, max: 200 }), (fingerprints, columns) => {
        const state = stateOf(fingerprints);
        const lines = [
          ...shown(state, columns),
          ...[ME, KEY, OTHER].flatMap((key) => detail(state, key, columns).split('\n')),
        ];
        // deno-lint-ignore no-control-regex
        return !lines.some((line) => widthOf(line) !== columns || /[\u0000-\u001f]/.test(line));
      }),
      { numRuns: 50 },
    );
    t.end();
  });
});

t.test('claimed, measured, attested: each says what it is without a colour', (t) => {
  const lines = shown(stateOf(rows()), 140);
  t.match(lines[1], /\[6 Prints\].* 4 rows/);
  t.match(
    lines[2],
    /KEY▲? +NAME +MODEL +CLASS +CLAIMED MEASURED +ATTESTED +PREFILL +HISTORY +J\/TOKEN/,
  );
  const of = (key: string) => lines.slice(3).find((line) => line.includes(key.slice(0, 8)))!;
  t.match(of(ME), /this node +smollm2-135m +~ measured +90\.0 +90\.0 +- .* 6\.9 mJ est/);
  t.match(of(KEY), /shed .*! refuted +90\.0 +- +41\.5-44\.0 +410-460 /);
  t.match(of(OTHER), /attic .*✓ attested .* #40/);
  t.match(of('ef'.repeat(32)), /\? claimed +90\.0 +- +- /);
  const text = lines.join('\n');
  t.match(text, /cut 12 +3 challengers each +2 of 4 attested +! 1 refuted +answering took 0\.42 %/);
  t.match(text, /#12 > work +abababab profile 5e5e5e5e 4\/10 runs 5s ago/);
  t.match(text, /asked ! failed +abababab .* it has gone/);
  t.match(
    shown(stateOf(rows({ note: 'busy', epoch: null, challengers: 0 }))).join('\n'),
    /no cut yet +nobody is drawn to challenge(.|\n)*! busy/,
  );
  t.match(shown(stateOf(rows({ nodes: [] }))).join('\n'), /no machine has said or shown yet/);
  t.end();
});

t.test('one machine in full', (t) => {
  const state = stateOf(rows());
  const mine = detail(state, ME);
  t.match(mine, /energy +6\.9 mJ an output token, 4\.1 mJ a prompt token/);
  t.match(mine, /estimated from the class of the machine, ±50 %/);
  t.match(mine, /measured +decode 90\.0 tok\/s, prefill 900 tok\/s/);
  t.match(mine, /figures, newest first +\n *\S+ \S+ +measured +prefill 430, decode 43\.0 tok\/s/);
  const theirs = detail(state, KEY);
  t.match(theirs, /refuted +decode: 90\.0 claimed, 41\.5 to 44\.0 attested, cut 11/);
  t.match(theirs, /attested +decode 41\.5 to 44\.0 \(98 % sure\) tok\/s/);
  t.match(theirs, /raw product by cpu: 1200 Mop\/s, 64 MiB/);
  t.match(theirs, /up to cut 40, by cdcdcdcd, /);
  t.end();
});

t.test('a job says what it took, where that was counted', (t) => {
  const JOB = '01'.repeat(32);
  const energy = { source: 'rapl', error: 0.05, prompt: 1.234, output: 0.0069 };
  const told = (energy: unknown) => {
    const state = stateOf(rows());
    step(state, {
      event: 'job-accepted',
      at: AT,
      job: JOB,
      attempt: 0,
      requester: KEY,
      position: 0,
    });
    step(state, { event: 'job-finished', at: AT + 1, job: JOB, tokens: 3, finish: 'end', energy });
    return state.jobs.get(JOB)!.steps.find(({ name }) => name === 'energy')?.detail;
  };
  t.equal(told(energy), '1.2 J for the prompt, 6.9 mJ for the answer, rapl ±5 %');
  for (const wrong of [null, 7, {}, { ...energy, prompt: -1 }, { ...energy, source: 3 }]) {
    t.equal(told(wrong), undefined);
  }
  t.same([0, 2e-7, 0.5, 99.6, 1234, 5e7].map(joules), [
    '0 J',
    '0.2 µJ',
    '500 mJ',
    '100 J',
    '1.2 kJ',
    '50 MJ',
  ]);
  t.end();
});

t.test('it fits any screen: what matters most stays', (t) => {
  const state = stateOf(rows());
  t.match(shown(state, 40, 10)[2], /KEY▲? +CLASS +ATTESTED *$/);
  t.match(shown(state, 80, 24)[2], /KEY▲? +NAME +CLASS +CLAIMED MEASURED +ATTESTED +J\/TOKEN *$/);
  t.match(shown(state, 80, 24)[1], /1 Mesh .*\[6 Prints\]/);
  t.match(shown(state, 220, 60)[2], /UNTIL *$/);
  t.end();
});

t.test('a snapshot as text has it, where there is something', (t) => {
  const state = stateOf(rows());
  t.match(snapshotText({ state, now: AT }, 120).join('\n'), /\nPRINTS\nKEY +NAME(.|\n)*! refuted/);
  state.fingerprints = null;
  t.notMatch(snapshotText({ state, now: AT }, 120).join('\n'), /PRINTS/);
  t.notMatch(shown(state)[1], /Prints/);
  t.end();
});

t.test('an interval without an upper bound says so', (t) => {
  t.equal(attestedText({ low: 958, high: 4_294_967_295, confidence: 0.9 }), '958+');
  t.equal(attestedText({ low: 20, high: 4000, confidence: 0.9 }), '20.0-4000');
  t.end();
});
