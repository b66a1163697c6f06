import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import {
  describe,
  oneLine,
  Output,
  printable,
  styleOf,
  table,
  wantsColor,
} from '../../node/cli/mod.ts';
import { wrappedTable } from '../../node/cli/columns.ts';
import { Interrupts, signalJudge } from '../../node/cli/signals.ts';

function outputTo(terminal: boolean, options = {}) {
  const said = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    terminal,
    color: false,
    write: (text: string) => Promise.resolve(void (said[name] += text)),
  });
  const all = { json: false, quiet: false, verbose: false, ...options };
  return { out: new Output(sink('stdout'), sink('stderr'), all), said };
}

async function speak(out: Output) {
  await out.note('a note');
  await out.result('the result');
  await out.answer('one\u001b[2J');
  await out.event({ event: 'done', text: 'x' });
  await out.detail('a detail');
  await out.warn('a warning');
}

t.test('a pipe carries results alone; a terminal shows all', async (t) => {
  const person = outputTo(true);
  await speak(person.out);
  t.equal(person.said.stdout, 'a note\nthe result\none[2J', 'control characters stay out');
  t.equal(person.said.stderr, 'warning: a warning\n');
  const pipe = outputTo(false);
  await speak(pipe.out);
  t.equal(pipe.said.stdout, 'the result\none\u001b[2J', 'a file gets the exact text');
  t.equal(pipe.said.stderr, 'a note\nwarning: a warning\n');
});

t.test('what peers say reaches a terminal without its control sequences', async (t) => {
  const { out, said } = outputTo(true, { verbose: true });
  const nasty = 'refused: \u001b]0;title\u0007\u001b[2J\u009b1A\u202eevil \u001b[31mred\u001b[39m';
  await out.note(nasty);
  await out.detail(nasty);
  await out.warn(nasty);
  await out.result(nasty);
  // deno-lint-ignore no-control-regex
  t.notMatch(said.stdout + said.stderr, /[\u0007\u009b\u202e]|\u001b(?!\[3[19]m)/);
  t.match(said.stdout, '\u001b[31mred\u001b[39m', 'styles stay');
});

t.test('--json gives events alone, --quiet no notes, --verbose details', async (t) => {
  const json = outputTo(true, { json: true });
  await speak(json.out);
  await json.out.error(new NexusError('X', 'broken', { hint: 'mend it' }));
  t.same(json.said.stdout.trim().split('\n').map((line) => JSON.parse(line)), [
    { event: 'done', text: 'x' },
    { event: 'error', code: 'X', message: 'broken', hint: 'mend it' },
  ]);
  t.match(json.said.stderr, /^a note\nwarning: a warning\nerror: broken X\n {2}hint: mend it\n$/);
  const quiet = outputTo(false, { quiet: true });
  await speak(quiet.out);
  t.equal(quiet.said.stderr, 'warning: a warning\n');
  const verbose = outputTo(false, { verbose: true });
  await speak(verbose.out);
  t.match(verbose.said.stderr, /a detail/);
});

t.test('an error tells where, why and what to do, and nothing that a terminal obeys', (t) => {
  const cause = new Error('socket \u001b[31mgone', { cause: new Error('ECONNRESET') });
  const error = new NexusError('PEER_LOST', 'lost\u009b2J', {
    peer: 'ab12',
    stage: 'decode',
    hint: 'try\nagain',
    cause,
  });
  t.equal(
    describe(error, styleOf(false)),
    [
      'error: lost2J PEER_LOST',
      '  peer: ab12',
      '  stage: decode',
      '  cause: socket [31mgone',
      '  cause: ECONNRESET',
      '  hint: try again',
    ].join('\n'),
  );
  t.ok(describe(error, styleOf(true)).startsWith('\u001b[31merror:\u001b[39m'));
  t.end();
});

t.test('text of others cannot steer the terminal', (t) => {
  t.equal(printable('a\tb\nc\r\u0000\u001b]0;x\u0007\u202e\u2066d'), 'a\tb\nc]0;xd');
  t.equal(oneLine(' a\r\nb\tc '), 'a b c');
  t.equal(printable('Zoë 💻 日本 \u200d'), 'Zoë 💻 日本 \u200d', 'joiners of emoji stay');
  t.end();
});

t.test('colour follows NO_COLOR, FORCE_COLOR and the terminal', (t) => {
  t.equal(wantsColor({}, true), true);
  t.equal(wantsColor({}, false), false);
  t.equal(wantsColor({ NO_COLOR: '1', FORCE_COLOR: '1' }, true), false);
  t.equal(wantsColor({ NO_COLOR: '' }, true), true);
  t.equal(wantsColor({ FORCE_COLOR: '1' }, false), true);
  t.equal(wantsColor({ TERM: 'dumb' }, true), false);
  t.end();
});

t.test('columns line up whatever is in them', (t) => {
  t.equal(
    table([['NAME', 'KEY'], ['日本', 'ab'], ['👩‍💻', 'cd'], ['e\u0301\u001b', 'ef']]),
    'NAME  KEY\n日本  ab\n👩‍💻    cd\ne\u0301     ef',
  );
  t.equal(table([['a', '日本日本']], 8), 'a  日本…');
  const words = 'as many words as one likes to say';
  t.equal(
    wrappedTable([['one', words], ['b', '']], 30),
    'one  as many words as one\n     likes to say\nb',
  );
  t.equal(wrappedTable([['one', words]]), `one  ${words}`);
  t.equal(wrappedTable([['one', words]], 20), 'one  as many words …');
  t.end();
});

t.test('an echo of Ctrl-C is not a second one', (t) => {
  const judge = signalJudge();
  t.same([0, 5, 1000].map(judge), ['first', 'echo', 'again']);
  t.end();
});

t.test('a Ctrl-C that is held stops what holds it, a second one within a moment does not', (t) => {
  const interrupts = new Interrupts();
  let stopped = 0;
  t.equal(interrupts.take(0), false, 'nobody holds it');
  const held = interrupts.hold(() => stopped++);
  t.equal(interrupts.take(5000), true);
  t.equal(interrupts.take(6000), false, 'it means the program');
  t.equal(interrupts.take(9000), true, 'later it means the next answer');
  held[Symbol.dispose]();
  t.equal(interrupts.take(20_000), false);
  t.equal(stopped, 2);
  t.end();
});
