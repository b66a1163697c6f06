import t from 'tap';
import fc from 'fast-check';
import { emptyState, LIMITS, type State, stateJson, step } from '../../tui/state/mod.ts';
import { SyntheticMesh } from '../lib/synthetic_mesh.ts';

const KEY = 'ab'.repeat(32), OTHER = 'cd'.repeat(32), JOB = '01'.repeat(32);
const AT = 1_700_000_000_000;

/** The state after a snapshot of a small mesh and more events. */
function folded(...events: unknown[]): State {
  const state = emptyState(0);
  step(state, new SyntheticMesh(3, AT).snapshot(AT));
  for (const event of events) step(state, event);
  return state;
}

function route(at: number, fields = {}) {
  return { event: 'run-route', at, job: JOB, attempt: 0, executor: KEY, where: 'mesh', ...fields };
}

t.test('a job goes from its offer to its receipt', (t) => {
  const state = folded(
    { event: 'run-model', at: AT + 1, job: null, model: 'austen-3.7m', profile: KEY, title: '' },
    route(AT + 1, {
      chance: 0.5,
      reasons: [{ name: 'decode', unit: 'ms', value: 10 }],
      candidates: [{ executor: KEY, where: 'mesh', cost: 10, reasons: [], refused: null }],
    }),
    { event: 'run-queued', at: AT + 2, job: JOB, attempt: 0, executor: KEY, position: 3 },
    { event: 'run-rate', at: AT + 3, job: JOB, tokens: 5, tokensPerSecond: 40 },
    { event: 'run-rate', at: AT + 4, job: JOB, tokens: 9, tokensPerSecond: 60 },
    {
      event: 'run-failover',
      at: AT + 5,
      job: JOB,
      from: KEY,
      to: OTHER,
      cause: { code: 'PEER_LOST', message: 'gone' },
      tokens: 9,
    },
    {
      event: 'entry',
      at: AT + 6,
      entry: { core: KEY, owner: KEY, log: 'artifacts', index: 7, type: 'artifact', job: JOB },
    },
    {
      event: 'run-done',
      at: AT + 7,
      job: JOB,
      model: 'austen-3.7m',
      finish: 'end',
      executor: OTHER,
      outputTokens: 20,
      firstTokenMs: 2,
      tokensPerSecond: 50,
      receipt: '/r',
    },
  );
  const job = state.jobs.get(JOB)!;
  t.match(job, { state: 'done', model: 'austen-3.7m', executor: OTHER, tokens: 20, failovers: 1 });
  t.same(job.rates, [40, 60]);
  t.same(
    job.steps.map(({ name }) => name),
    ['offer', 'queued', 'first tokens', 'failover', 'artifact', 'done', 'receipt'],
  );
  t.equal(job.candidates[0]!.cost, 10);
  t.match(state.counts, { done: 1, failed: 0, failovers: 1, tokens: 20, skipped: 0 });
  t.end();
});

t.test('a job that fails says why; one that is cancelled has no error', (t) => {
  const failed = {
    event: 'run-failed',
    at: AT + 2,
    job: JOB,
    code: 'X',
    message: 'broken',
    hint: 'mend',
  };
  t.match(folded(route(AT), failed).jobs.get(JOB), {
    state: 'failed',
    error: { code: 'X', message: 'broken', hint: 'mend' },
  });
  const cancelled = { ...failed, code: 'CANCELLED' };
  t.match(folded(route(AT), cancelled).jobs.get(JOB), { state: 'cancelled', error: null });
  t.end();
});

t.test('work for others is a job of another side', (t) => {
  const about = { job: JOB, attempt: 0, requester: OTHER };
  const state = folded(
    { event: 'job-accepted', at: AT + 1, ...about, position: 1 },
    { event: 'job-rate', at: AT + 2, ...about, tokens: 4, tokensPerSecond: 9 },
    {
      event: 'job-finished',
      at: AT + 3,
      ...about,
      tokens: 8,
      finish: 'end',
      error: null,
      settled: true,
    },
  );
  t.match(state.jobs.get(JOB), { own: false, requester: OTHER, tokens: 8, state: 'done', rate: 9 });
  t.end();
});

t.test('a node that goes away and returns', async (t) => {
  const mesh = new SyntheticMesh(3, AT);
  const away = { event: 'away', at: AT + 10, code: 'NODE_LOST', reason: 'the node stopped' };
  const history = [{ event: 'peer-lost', at: AT + 2, key: KEY, reason: 'x' }];
  const state = folded(route(AT + 1), ...history, away);
  t.match(state.link, { state: 'away', since: AT + 10, reason: 'the node stopped' });
  t.equal(state.peers.size, 3, 'what was known is still shown');

  await t.test('the same one: nothing is told twice', (t) => {
    const again = { ...mesh.snapshot(AT + 20), history };
    step(state, again);
    t.equal(state.link.state, 'live');
    t.equal(state.happenings.length, 1);
    t.equal(state.jobs.get(JOB)!.state, 'running');
    t.end();
  });

  await t.test('another one: what was going on is lost', (t) => {
    step(state, new SyntheticMesh(3, AT + 30).snapshot(AT + 40));
    t.match(state.jobs.get(JOB), { state: 'lost', endedAt: AT + 40 });
    t.end();
  });
});

t.test('a dashboard that was there before its node waits', (t) => {
  const state = emptyState(0);
  step(state, {
    event: 'away',
    at: AT,
    code: 'NODE_NOT_RUNNING',
    reason: 'no node is running here',
  });
  t.match(state.link, { state: 'waiting', reason: 'no node is running here' });
  t.end();
});

t.test('text of others comes in without what moves a terminal', (t) => {
  const peer = new SyntheticMesh(1, AT).peers[0]!;
  const state = folded();
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => {
    step(state, { event: 'peers', at: AT, peers: [{ ...peer, name }], gone: [] });
    const shown = state.peers.get(peer.key)!.name ?? '';
    // deno-lint-ignore no-control-regex
    return !/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/.test(shown) &&
      [...shown].length <= 64;
  }));
  t.end();
});

const NAMES = [
  'snapshot',
  'status',
  'peers',
  'cores',
  'entry',
  'findings',
  'away',
  'lagged',
  'run-route',
  'run-rate',
  'run-failover',
  'run-done',
  'run-failed',
  'run-queued',
  'job-accepted',
  'job-finished',
  'job-refused',
  'peer',
  'misconduct',
  'model',
  '__proto__',
  'constructor',
];

/** Events that begin right and go wrong somewhere. */
function garbage() {
  const value = fc.oneof(fc.anything(), fc.constantFrom(KEY, JOB, OTHER, AT, -1, 1e300, NaN));
  const fields = [
    'job executor requester candidates reasons tokens from to error entry peers gone cores status',
    'history entries findings key core index finish receipt warnings position outputTokens',
  ].join(' ').split(' ');
  const record = fc.dictionary(fc.constantFrom(...fields), value);
  return fc.oneof(
    fc.anything(),
    fc.record({ event: fc.constantFrom(...NAMES), at: fc.oneof(fc.integer(), fc.anything()) })
      .chain((head) => record.map((rest) => ({ ...rest, ...head }))),
  );
}

t.test('whatever comes, the fold goes on, and can be told as JSON', (t) => {
  fc.assert(
    fc.property(fc.array(garbage(), { maxLength: 40 }), (events) => {
      const state = folded(...events);
      JSON.stringify(stateJson(state));
      return state.counts.events >= events.length && state.status !== null;
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('nothing grows without bound', (t) => {
  const mesh = new SyntheticMesh(20, AT);
  const state = emptyState(0);
  step(state, mesh.snapshot(AT));
  for (let i = 0; i < 8000; i++) step(state, mesh.next(AT + i));
  for (let i = 0; i < LIMITS.peers + 100; i++) {
    const key = i.toString(16).padStart(64, '0');
    step(state, { event: 'peers', at: AT, peers: [{ ...mesh.peers[0], key }], gone: [] });
    step(state, route(AT, { job: key }));
    step(state, { event: 'peer', at: AT, key, transport: 'direct' });
  }
  t.equal(state.counts.skipped, 0);
  t.equal(state.peers.size, LIMITS.peers);
  t.equal(state.jobs.size, LIMITS.jobs);
  t.equal(state.entries.length, LIMITS.entries);
  t.equal(state.happenings.length, LIMITS.happenings);
  for (const job of state.jobs.values()) {
    if (job.steps.length > LIMITS.steps || job.rates.length > LIMITS.rates) t.fail(job.id);
  }
  t.end();
});

t.test('peers that leave are gone, heads that move are moved', (t) => {
  const mesh = new SyntheticMesh(3, AT);
  const [first] = mesh.peers, core = mesh.cores[0]!;
  const state = folded(
    { event: 'peers', at: AT, peers: [], gone: [first!.key] },
    { event: 'cores', at: AT, cores: [{ ...core, length: 77, fork: 2 }] },
    {
      event: 'findings',
      at: AT,
      findings: [{ code: 'F', core: KEY, index: null, detail: 'd' }],
      unresolved: 1,
      digest: KEY,
    },
  );
  t.equal(state.peers.size, 2);
  t.match(state.cores.get(core.key), { length: 77, fork: 2 });
  t.match(state.findings, { rows: [{ code: 'F' }], unresolved: 1 });
  t.end();
});

t.test('what happened is told in plain words', (t) => {
  const { happenings } = folded(
    { event: 'engine-calibrated', at: AT, threads: { single: 2, batch: 4, pad: false } },
    { event: 'engine-calibrated', at: AT, threads: 'many' },
    { event: 'peer-lost', at: AT, key: KEY, reason: 'this node left' },
  );
  t.same(happenings.slice(-3).map(({ text }) => text), [
    'threads were measured: 2 alone, 4 in a batch',
    'threads were measured',
    'the connection to abababab ended: this node left',
  ]);
  t.end();
});
