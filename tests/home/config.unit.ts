import t from 'tap';
import { deepStrictEqual as deepEqual, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { parse, type ParseError } from 'jsonc-parser';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  changeConfig,
  type Config,
  CONFIG_KEYS,
  listSettings,
  loadConfig,
  parseConfigText,
  SETTINGS,
  unknownVariables,
} from '../../node/home/mod.ts';
import { editConfig, printConfig } from '../../node/home/config_edit.ts';
import { quickParse } from '../../node/home/config_text.ts';

const word = fc.stringMatching(/^[\w/*", \\{}:-]{1,12}$/);
const config = fc.record({
  network: word,
  where: fc.constantFrom('local', 'mesh', 'any'),
  privateWhere: fc.constantFrom('local', 'mesh', 'any'),
  model: word,
  bootstrap: fc.array(fc.constantFrom('a:1', 'b.example:2', '[::1]:3'), { maxLength: 3 }),
  threads: fc.integer({ min: 1, max: 64 }),
  http: fc.constantFrom('127.0.0.1:8040', '[::1]:80'),
  httpOrigins: fc.array(fc.constantFrom('*', 'https://example.org'), { maxLength: 2 }),
  logFormat: fc.constantFrom('text', 'json'),
}, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<Config>;

/** Layouts that people write, each with remarks that must stay. */
const layouts: ((config: Config) => { text: string; remarks: string[] })[] = [
  (config) => ({
    text: printConfig(config).replace('{\n', '{ // mine: first\n').replace(
      /\}\n$/,
      '  // mine: last\n}\n// mine: end\n',
    ),
    remarks: ['// mine: first', '// mine: last', '// mine: end'],
  }),
  (config) => {
    const rows = Object.entries(config).map(([key, value], i) =>
      `  /* above ${i} */\n  ${JSON.stringify(key)} /* in */ : ${
        JSON.stringify(value)
      } /* in ${i} */`
    );
    return {
      text: `/* head */ {\n${rows.join(',\n')} // tail, with a comma\n}`,
      remarks: ['/* head */', '// tail, with a comma', ...rows.map((_, i) => `/* in ${i} */`)],
    };
  },
  (config) => {
    const rows = Object.entries(config).map(([key, value]) =>
      `${JSON.stringify(key)}:${JSON.stringify(value)}`
    );
    return {
      text: `{${rows.join(', ')} /* all "on": one line */}`,
      remarks: ['/* all "on": one line */'],
    };
  },
  (config) => {
    const rows = Object.entries(config).map(([key, value], i) =>
      `\t${JSON.stringify(key)}: ${JSON.stringify(value)}, // of ${i}\r\n`
    );
    return { text: `{\r\n${rows.join('')}}`, remarks: rows.map((_, i) => `// of ${i}`) };
  },
];

t.test('what is printed is read again, and explains every setting', async (t) => {
  await fc.assert(fc.asyncProperty(config, async (settings) => {
    deepEqual(await parseConfigText(printConfig(settings), 'f'), settings);
  }));
  const text = printConfig({});
  for (const key of CONFIG_KEYS) {
    t.match(text, `// ${SETTINGS[key].help} (default: `);
    t.match(text, `  // "${key}": `);
    t.equal(
      editConfig(text, { [key]: SETTINGS[key].example }).split('\n').length,
      text.split('\n').length,
    );
  }
});

t.test('changes do what they say, and nobody loses a comment', async (t) => {
  await t.resolves(fc.assert(fc.asyncProperty(
    config,
    config,
    fc.subarray([...CONFIG_KEYS]),
    fc.constantFrom(...layouts),
    async (before, change, gone, layout) => {
      const { text, remarks } = layout(before);
      const all = { ...change, ...Object.fromEntries(gone.map((key) => [key, undefined])) };
      const edited = editConfig(text, all);
      const wanted = Object.fromEntries(
        Object.entries({ ...before, ...all }).filter(([, value]) => value !== undefined),
      );
      deepEqual(await parseConfigText(edited, 'f'), wanted, edited);
      for (const remark of remarks) ok(edited.includes(remark), `${remark} stays in ${edited}`);
    },
  )));
});

t.test('the quick reader says what the thorough one says, or nothing', (t) => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '1',
    'null',
    '//x\n',
    '/*y*/',
    '"\\""',
    '"//"',
    '\n',
    '/*',
    '"',
  );
  // The thorough one's own `parse` takes `__proto__` for a prototype.
  const json = fc.json({ maxDepth: 2 }).filter((text) => !text.includes('__proto__'));
  const valid = json.map((text) => text.replaceAll(',', ', /*,*/ //"}\n'));
  const any = fc.oneof(valid, fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')));
  fc.assert(
    fc.property(any, (text) => {
      const quick = quickParse(text);
      if (quick === undefined) return true;
      const errors: ParseError[] = [];
      const value = parse(text, errors, { allowTrailingComma: true });
      return errors.length === 0 && JSON.stringify(value) === JSON.stringify(quick);
    }),
    { numRuns: 2000 },
  );
  t.same(quickParse('{"a": "//", /* "b": 2, */ "c": [1, 2,],}'), { a: '//', c: [1, 2] });
  t.end();
});

t.test('a file that cannot be read is told with its place', async (t) => {
  const cases: [text: string, place: string, message: RegExp, hint?: RegExp][] = [
    ['{\n  "where": "moon"\n}', '2:3', /where must be "local", "mesh" or "any"/],
    ['{\n  // x\n  "thread": 2\n}', '3:3', /unknown setting "thread"/, /did you mean "threads"\?/],
    ['{\n  "threads": 2\n  "slots": 2\n}', '3:3', /a comma is missing/],
    ['{\n  "threads": 2,\n', '3:1', /closing brace, is missing/],
    ['{ "threads": 2, "threads": 3 }', '1:17', /"threads" is set twice/],
    ['{ "__proto__": 1 }', '1:3', /unknown setting "__proto__"/],
    ['[1]', '1:1', /not an object/],
    ['{ /* ', '1:3', /a comment that does not end/],
    ['[['.repeat(60_000), '1:1', /nested too deep/],
    ['null', '1:1', /not an object/],
  ];
  for (const [text, place, message, hint = /./] of cases) {
    await t.rejects(parseConfigText(text, '/h/config.json'), {
      code: 'CONFIG_INVALID',
      message,
      hint,
    });
    await t.rejects(parseConfigText(text, '/h/config.json'), {
      message: `/h/config.json:${place}: `,
    });
  }
  await fc.assert(fc.asyncProperty(fc.string(), async (text) => {
    const outcome = await parseConfigText(text, 'f').then(() => null, (thrown) => thrown.code);
    return outcome === null || outcome === 'CONFIG_INVALID';
  }));
});

t.test('many writers at once lose nothing', async (t) => {
  const path = join(folder(t), 'config.json');
  writeFileSync(path, '{ "threads": 1 }');
  const changes: Config[] = [{ slots: 3 }, { model: 'x' }, { where: 'any' }, { price: 5 }];
  await Promise.all(changes.map((change) => changeConfig(path, change)));
  t.same(await loadConfig(path), { threads: 1, slots: 3, model: 'x', where: 'any', price: 5 });
  t.match(
    readFileSync(path, 'utf8'),
    /\/\/ threads of the engine \(default: measured; NEXUS_THREADS\)/,
  );
  t.equal(statSync(path).mode & 0o777, 0o600);
});

t.test('each setting is listed with who said so', (t) => {
  const rows = listSettings({
    flags: { model: 'm', where: 'any' },
    env: { NEXUS_THREADS: '2', NEXUS_HTTP: '127.0.0.1:1', NEXUS_SLOTS: '' },
    config: { threads: 9, slots: 3, privateWhere: 'local' },
  });
  t.same(rows.map(({ key }) => key), CONFIG_KEYS, 'all of them');
  const row = (key: string) => rows.find((row) => row.key === key);
  t.match(row('model'), { value: 'm', origin: 'flag', source: '--model' });
  t.match(row('privateWhere'), { value: 'any', origin: 'flag', source: '--where' });
  t.match(row('threads'), { value: 2, origin: 'environment', source: 'NEXUS_THREADS' });
  t.match(row('slots'), { value: 3, origin: 'file', source: null });
  t.match(row('network'), { value: 'main', origin: 'default', source: null });
  t.end();
});

t.test('variables that nothing reads are told, with what was meant', (t) => {
  const env = { NEXUS_THREDS: '2', NEXUS_HOME: '/h', NEXUS_NODE: 'n', NEXUS_XYZZY: '', PATH: '' };
  t.same(unknownVariables(env), [
    { name: 'NEXUS_THREDS', meant: 'NEXUS_THREADS' },
    { name: 'NEXUS_XYZZY', meant: null },
  ]);
  t.end();
});

function folder(t: { teardown(end: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'nexus-test-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
