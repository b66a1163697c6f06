import t from 'tap';
import fc from 'fast-check';
import type { NodeEvent } from '../../node/control/mod.ts';
import {
  entryOf,
  NodeLog,
  type NodeLogOptions,
  Output,
  renderEntry,
  renderRequest,
  styleOf,
} from '../../node/cli/mod.ts';

const SELF = 'a'.repeat(64), PEER = 'b'.repeat(64);
const AT = Date.UTC(2026, 1, 3, 4, 5, 6, 7);
const plain = styleOf(false);

const done: NodeEvent = {
  event: 'run-done',
  at: AT,
  job: 'c'.repeat(64),
  via: 'local',
  model: 'austen-3.7m',
  executor: PEER,
  finish: 'end',
  text: null,
  promptTokens: 9,
  outputTokens: 20,
  firstTokenMs: 34.6,
  totalMs: 300,
  tokensPerSecond: 85.27,
  attempts: 1,
  receipt: '/r',
  warnings: [],
};
const work: NodeEvent = {
  event: 'job-finished',
  at: AT,
  job: 'd'.repeat(64),
  attempt: 0,
  requester: PEER,
  executor: SELF,
  model: 'austen-3.7m',
  promptTokens: 3,
  tokens: 4,
  firstTokenMs: 12,
  tokensPerSecond: 100,
  totalMs: 50,
  finish: 'length',
  error: null,
};
const request = {
  at: AT,
  method: 'POST',
  path: '/v1/chat/completions',
  status: 200,
  key: '30b7c9a6',
  model: 'austen-3.7m',
  executor: PEER,
  job: 'e'.repeat(64),
  promptTokens: 5,
  outputTokens: 6,
  ncu: 2_500_000,
  firstTokenMs: 10,
  totalMs: 70,
  tokensPerSecond: 90,
  outcome: 'stop',
};

t.test('each prompt, each work for a peer and each request is one line', (t) => {
  const line = (event: NodeEvent) => renderEntry(entryOf(event, SELF), 'text', plain).slice(9);
  t.equal(
    line(done),
    'here: austen-3.7m, by bbbbbbbb, 9+20 tokens, first after 35 ms, 85.3 tokens/s, end',
  );
  t.equal(
    line(work),
    'peer bbbbbbbb: austen-3.7m, 3+4 tokens, first after 12 ms, 100.0 tokens/s, length',
  );
  t.equal(
    renderRequest(request, 'text').slice(9),
    'gateway 30b7c9a6: POST /v1/chat/completions 200, austen-3.7m, by bbbbbbbb, 5+6 tokens, ' +
      'first after 10 ms, 90.0 tokens/s, 2.5 NCU, stop',
  );
  t.match(line({ ...done, executor: SELF }), /by this machine/);
  t.equal(entryOf({ ...done, via: 'gateway' }, SELF).level, 'debug', 'the gateway tells it');
  t.equal(entryOf({ ...work, requester: SELF }, SELF).level, 'debug', 'who asked tells it');
  t.equal(entryOf({ event: 'job-accepted', at: AT }, SELF).level, 'debug', 'the end tells it');
  const failed = { event: 'run-failed', at: AT, code: 'NOBODY_REACHABLE', message: 'no peer' };
  t.match(entryOf(failed, SELF), { level: 'warning', text: 'here: NOBODY_REACHABLE: no peer' });
  t.match(entryOf({ ...failed, code: 'CANCELLED' }, SELF), { level: 'info' });
  t.match(
    renderRequest({ ...request, status: 401, outcome: 'invalid_api_key' }, 'json'),
    /warning/,
  );
  t.end();
});

t.test('as JSON they have the same names, whoever asked', (t) => {
  const json = (event: NodeEvent) => JSON.parse(renderEntry(entryOf(event, SELF), 'json', plain));
  const common = { time: '2026-02-03T04:05:06.007Z', level: 'info', event: 'request' };
  t.match(json(done), { ...common, via: 'local', who: null, executor: PEER, outcome: 'end' });
  t.match(json(work), { ...common, via: 'peer', who: PEER, executor: SELF, outcome: 'length' });
  const http = JSON.parse(renderRequest(request, 'json'));
  t.match(http, { ...common, via: 'gateway', who: '30b7c9a6', status: 200, outcome: 'stop' });
  const names = Object.keys(json(work)).sort();
  t.same(Object.keys(json(done)).sort(), names);
  t.same(Object.keys(http).sort(), [...names, 'method', 'path', 'status'].sort());
  t.end();
});

t.test('whatever an event holds, a line stays a line without control characters', (t) => {
  const part = fc.constantFrom('a', '\n', '\r', '\u001b[2J', '\u0007', '\u202e', '"', '\u2028');
  const nasty = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
  const value = fc.oneof(nasty, fc.jsonValue(), fc.constant(undefined), fc.double());
  const name = fc.constantFrom(
    'run-done',
    'run-failed',
    'job-finished',
    'peer',
    'error',
    'job-refused',
    'x',
  );
  const fields = fc.dictionary(
    fc.oneof(
      nasty,
      fc.constantFrom(
        'key',
        'reason',
        'message',
        'hint',
        'error',
        'code',
        'model',
        'who',
        'time',
        'level',
      ),
    ),
    value,
  );
  fc.assert(fc.property(name, fc.oneof(fc.integer(), fc.double()), fields, (event, at, rest) => {
    const entry = entryOf({ ...rest, event, at }, SELF);
    const json = renderEntry(entry, 'json', plain), text = renderEntry(entry, 'text', plain);
    // deno-lint-ignore no-control-regex
    const clean = !/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/.test(json + text);
    const parsed = JSON.parse(json);
    return clean && parsed.event === entry.event && parsed.level === entry.level;
  }));
  t.end();
});

function logTo(terminal: boolean, output: object, options: Partial<NodeLogOptions>) {
  const said = { stdout: '', stderr: '' };
  let open: () => void = () => {};
  const gate = { wait: Promise.resolve() as Promise<void>, close() {}, open: () => open() };
  gate.close = () => gate.wait = new Promise((resolve) => open = resolve);
  const sink = (name: 'stdout' | 'stderr') => ({
    terminal,
    color: false,
    write: async (text: string) => {
      await gate.wait;
      said[name] += text;
    },
  });
  const out = new Output(sink('stdout'), sink('stderr'), {
    json: false,
    quiet: false,
    verbose: false,
    ...output,
  });
  const log = new NodeLog(out, { format: 'text', lines: true, self: SELF, ...options });
  return { log, said, gate };
}

t.test('events are on stdout, lines on stderr', async (t) => {
  const both = logTo(false, { json: true }, { format: 'json' });
  both.log.show(done);
  both.log.request(request);
  await both.log.say('info', 'ready', 'ready: x', { key: SELF });
  t.same(both.said.stdout.trim().split('\n').map((line) => JSON.parse(line)), [done]);
  const lines = both.said.stderr.trim().split('\n').map((line) => JSON.parse(line));
  t.match(lines, [{ via: 'local' }, { via: 'gateway' }, { event: 'ready', key: SELF }]);

  const events = logTo(false, { json: true }, { lines: false });
  events.log.show(done);
  await events.log.say('warning', 'not-announced', 'cannot be found');
  t.match(events.said.stderr, /^\S+ cannot be found\n$/);

  const person = logTo(true, {}, { format: 'json' });
  person.log.show(done);
  await person.log.written();
  t.equal(person.said.stdout, '', 'a program reads the log, also at a terminal');
  t.match(JSON.parse(person.said.stderr), { event: 'request' });
});

t.test('a reader who does not read costs a bounded number of lines, and is told so', async (t) => {
  const { log, said, gate } = logTo(false, {}, { format: 'json' });
  gate.close();
  for (let i = 0; i < 10_000; i++) log.show({ ...done, promptTokens: i });
  gate.open();
  await log.written();
  const lines = said.stderr.trim().split('\n').map((line) => JSON.parse(line));
  const lost = lines.filter((line) => line.event === 'lagged');
  t.equal(lost.length, 1);
  t.equal(lines.length - 1 + lost[0].lost, 10_000, 'each is there or counted');
  t.equal(lines.at(-1).promptTokens, 9999, 'the newest stay');
});

t.test('audits are told to whom they concern', (t) => {
  const other = 'e'.repeat(64);
  const audit = { at: AT, executor: PEER, auditor: other, own: false, mine: false };
  const told = (event: Omit<NodeEvent, 'at'> & { event: string }) => {
    const { level, text } = entryOf({ ...audit, ...event } as NodeEvent, SELF);
    return level === 'debug' ? null : text;
  };
  const found = { event: 'audit-verdict', finding: 'trigger', detail: 'exact 1\u001b[2J' };
  t.equal(told(found), null);
  t.equal(told({ ...found, mine: true, finding: 'ok' }), null);
  t.equal(
    told({ ...found, mine: true }),
    'eeeeeeee: the answer of bbbbbbbb does not hold: exact 1[2J',
    'an auditor’s words cannot draw on the terminal',
  );
  t.match(told({ ...found, executor: SELF }), /^eeeeeeee: an answer of this node does not hold/);
  t.match(told({ ...found, own: true }), /^an answer of bbbbbbbb does not hold/);
  t.match(told({ event: 'audit-missed', own: true }), /^this node did not audit/);
  t.equal(told({ event: 'audit-missed' }), null);
  t.match(told({ event: 'audit-withheld', executor: SELF }), /was not opened to eeeeeeee/);
  const cheat = { event: 'cheat-proven', cause: 'lifetime', detail: '3 audited answers' };
  t.equal(told(cheat), 'bbbbbbbb is proven a cheat: 3 audited answers');
  t.match(told({ ...cheat, cause: 'contradiction' }), /^bbbbbbbb contradicts what it signed/);
  t.end();
});
