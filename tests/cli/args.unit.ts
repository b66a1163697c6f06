import t from 'tap';
import fc from 'fast-check';
import { COMMANDS, exitOf, helpOf, overview, parseCommandLine } from '../../node/cli/mod.ts';
import { Interrupted } from '../../node/cli/exit.ts';
import { NexusError } from '../../feeds/base/mod.ts';

const command = {
  name: 'run',
  summary: 'answer a prompt',
  flags: {
    model: { type: 'string', short: 'm', value: 'name', help: 'the model' },
    temperature: { type: 'number', short: 't', help: 'heat' },
    tokens: { type: 'integer', short: 'n', help: 'length' },
    lines: { type: 'boolean', short: 'l', help: 'line by line' },
    stop: { type: 'list', help: 'where to stop' },
    where: { type: 'string', choices: ['local', 'mesh', 'any'], env: 'NEXUS_WHERE', help: 'where' },
  },
  positionals: [{ name: 'prompt', help: 'what to ask' }],
  examples: [{ command: 'nexus run "hi"', does: 'greet' }],
  run: () => Promise.resolve(),
} as const;

const tool = {
  name: 'network',
  flags: {},
  actions: [
    { name: 'list', summary: 'all' },
    {
      name: 'new',
      summary: 'one',
      positionals: [{ name: 'name', required: true, help: 'a name' }],
    },
    { name: 'add', summary: 'many', positionals: [{ name: 'file', many: true, help: 'files' }] },
  ],
} as const;

const parse = (...args: string[]) => parseCommandLine(command, args);

t.test('flags may stand anywhere, long, short, joined or with their value', (t) => {
  const same = { model: 'x', temperature: 0.5, tokens: 7, lines: true, stop: ['a', '-b'] };
  for (
    const args of [
      ['-m', 'x', '-t', '0.5', '-n', '7', '-l', '--stop', 'a', '--stop=-b', 'hello'],
      ['hello', '--model=x', '--temperature=0.5', '--tokens=7', '--lines', '--stop=a', '--stop=-b'],
      ['-ln7', 'hello', '-mx', '-t0.5', '--stop', 'a', '--stop=-b', '-q'],
    ]
  ) {
    const { flags, positionals } = parse(...args);
    t.match(flags, same);
    t.same(positionals, ['hello']);
  }
  t.match(parse('-t', '-1').flags, { temperature: -1 }, 'a negative number is a value');
  for (const number of ['-5', '-5.25', '-.5', '-120']) {
    t.same(parse(number, '-m', 'x').positionals, [number], 'a negative number is a word');
    t.equal(parse(number, '-m', 'x').flags.model, 'x');
  }
  t.match(parse().flags, { model: undefined, lines: false, stop: [], json: false });
  t.same(parse('--', '--model').positionals, ['--model']);
  t.same(parse('--model=').flags.model, '');
  t.end();
});

t.test('a wrong command line says what was probably meant', (t) => {
  const wrong = (args: string[], message: RegExp, hint: RegExp, spec: object = command) =>
    t.throws(() => parseCommandLine(spec as never, args), { code: 'USAGE', message, hint });
  wrong(['--modle', 'x'], /no flag --modle/, /did you mean --model\?/);
  wrong(['--zzzz'], /no flag --zzzz/, /nexus run --help/);
  wrong(['-z'], /no flag -z/, /--help/);
  wrong(['-5z'], /no flag -5/, /--help/);
  wrong(['--model'], /--model needs a value/, /--model=<name>/);
  wrong(['--model', '--json'], /--model needs a value/, /--model=<name>/);
  wrong(['--lines=yes'], /--lines takes no value/, /--lines alone/);
  wrong(['-n', '1.5'], /-n must be a whole number/, /-n 1/);
  wrong(['-n', ''], /-n must be a whole number/, /-n 1/);
  wrong(['-t', 'hot'], /-t must be a number/, /-t 1/);
  wrong(['--where', 'lokal'], /--where cannot be "lokal"/, /did you mean local\?/);
  wrong(['--where', 'moon'], /--where cannot be "moon"/, /local, mesh, any/);
  wrong(['two', 'words'], /does not take "words"/, /quote/);
  wrong(['--__proto__'], /no flag --__proto__/, /--help/);
  wrong(['--toString=1'], /no flag --toString/, /--help/);
  wrong(['lst'], /no action "lst"/, /nexus network list/, tool);
  wrong(['new'], /nexus network new needs <name>/, /a name/, tool);
  wrong(['new', 'a', 'b'], /does not take "b"/, /leave it out/, tool);
  t.end();
});

t.test('an action is chosen by the first word, the first one without a word', (t) => {
  const of = (...args: string[]) => {
    const { action, positionals } = parseCommandLine(tool, args);
    return [action, ...positionals];
  };
  t.same(of(), ['list']);
  t.same(of('--json'), ['list']);
  t.same(of('new', 'home'), ['new', 'home']);
  t.same(of('add', 'a', 'b'), ['add', 'a', 'b']);
  t.match(parseCommandLine(tool, ['new', '--help']).flags, { help: true }, 'help asks for nothing');
  t.end();
});

t.test('no command line makes the parser fail in another way', (t) => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('-m', '--model', '--', '-', '--=', '-n7', '-='),
  );
  fc.assert(fc.property(fc.array(word), (args) => {
    try {
      parse(...args);
      return true;
    } catch (thrown) {
      return (thrown as { code?: string }).code === 'USAGE';
    }
  }));
  t.end();
});

t.test('help shows each flag, its variable and the examples', (t) => {
  const help = helpOf(command);
  const parts = ['-m, --model <name>', '--where <local|mesh|any>', 'or NEXUS_WHERE', '--json'];
  for (
    const part of [...parts, 'may be repeated', 'nexus run "hi"', 'nexus run [prompt] [flags]']
  ) {
    t.ok(help.includes(part), part);
  }
  const page = overview().split('\n');
  for (const { name } of COMMANDS) t.match(overview(), new RegExp(`^(\\w+)? .*\\b${name}\\b`, 'm'));
  t.ok(page.length < 24 && page.every((line) => line.length <= 80), 'on the smallest screen');
  t.end();
});

t.test('each kind of end has its exit code', (t) => {
  t.equal(exitOf(new NexusError('USAGE', '')), 2);
  t.equal(exitOf(new NexusError('SETTING_INVALID', '')), 2);
  t.equal(exitOf(new NexusError('NOBODY_REACHABLE', '')), 3);
  t.equal(exitOf(new NexusError('CHECK_FAILED', '')), 4);
  t.equal(exitOf(new NexusError('ELSE', '')), 1);
  t.equal(exitOf(new Error()), 1);
  t.equal(exitOf(new Interrupted('')), 130);
  t.end();
});
