import { isIP } from 'node:net';
import t from 'tap';
import fc from 'fast-check';
import {
  closest,
  editDistance,
  parseConfig,
  pathsOf,
  resolveSettings,
} from '../../node/home/mod.ts';
import { isIPv4, isIPv6 } from '../../node/home/checks.ts';

const machine = (env: Record<string, string>, platform = 'linux') => ({
  env,
  platform,
  userHome: '/home/ada',
  temporary: '/tmp',
});

t.test('a home stands where the system keeps data', (t) => {
  const home = (env: Record<string, string>, platform?: string) =>
    pathsOf(undefined, machine(env, platform)).home;
  t.equal(home({}), '/home/ada/.local/share/nexus');
  t.equal(home({ XDG_DATA_HOME: '/data' }), '/data/nexus');
  t.equal(home({ XDG_DATA_HOME: 'relative' }), '/home/ada/.local/share/nexus');
  t.equal(home({}, 'darwin'), '/home/ada/Library/Application Support/nexus');
  t.equal(home({ NEXUS_HOME: '/n', XDG_DATA_HOME: '/data' }), '/n');
  t.equal(pathsOf('/flag', machine({ NEXUS_HOME: '/n' })).home, '/flag');
  t.end();
});

t.test('sockets fit in a socket address however deep the home is', (t) => {
  t.equal(pathsOf('/n', machine({})).socket, '/n/run/node.sock');
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-zé]{1,30}$/), { maxLength: 12 }), (names) => {
      const paths = pathsOf(`/none/${names.join('/')}`, machine({}));
      return [paths.socket, paths.feedsSocket, paths.engineSocket]
        .every((socket) => Buffer.byteLength(socket) <= 103);
    }),
    { numRuns: 50 },
  );
  const deep = (last: string) => pathsOf(`/${'d'.repeat(120)}/${last}`, machine({})).run;
  t.equal(deep('a'), deep('a'));
  t.not(deep('a'), deep('b'), 'each home has its own');
  t.end();
});

t.test('a flag beats the environment, which beats the config, which beats the default', (t) => {
  const open = () => false;
  const env = { NEXUS_MODEL: 'from-env', NEXUS_THREADS: '2', NEXUS_BOOTSTRAP: 'a:1, b:2' };
  const config = { model: 'from-config', threads: 4, slots: 8 };
  const settings = resolveSettings({ flags: { model: 'from-flag' }, env, config }, open);
  t.same(settings.model, { value: 'from-flag', origin: 'flag' });
  t.same(settings.threads, { value: 2, origin: 'environment' });
  t.same(settings.bootstrap, { value: ['a:1', 'b:2'], origin: 'environment' });
  t.same(settings.slots, { value: 8, origin: 'file' });
  t.same(settings.network, { value: 'main', origin: 'default' });
  t.same(settings.where, { value: 'local', origin: 'default' });
  t.end();
});

t.test('only in a private network may a prompt leave without having been told to', (t) => {
  const isPrivate = (name: string) => name === 'home';
  const where = (config: object, flags: object = {}, env = {}) =>
    resolveSettings({ flags, env, config }, isPrivate).where.value;
  t.equal(where({ network: 'home' }), 'any');
  t.equal(where({ network: 'home', where: 'local' }), 'any', '`where` is about open networks');
  t.equal(where({ network: 'home', privateWhere: 'local' }), 'local');
  t.equal(where({ network: 'home' }, { network: 'main' }), 'local', 'not to strangers by a flag');
  t.equal(where({ network: 'home' }, { where: 'mesh' }), 'mesh');
  t.equal(where({ network: 'home' }, {}, { NEXUS_WHERE: 'local' }), 'local');
  t.end();
});

t.test('bad settings are named, with what was meant', (t) => {
  const none = { flags: {}, env: {}, config: {} };
  const resolve = (part: object) => () => resolveSettings({ ...none, ...part }, () => false);
  t.throws(resolve({ env: { NEXUS_THREADS: 'many' } }), {
    code: 'SETTING_INVALID',
    message: /NEXUS_THREADS: threads must be a whole number/,
  });
  t.throws(resolve({ env: { NEXUS_BOOTSTRAP: 'nowhere' } }), { code: 'SETTING_INVALID' });
  t.throws(resolve({ flags: { host: 'example' } }), { code: 'SETTING_INVALID', message: /--host/ });
  t.throws(() => parseConfig({ thread: 2 }), { code: 'CONFIG_INVALID', hint: /"threads"/ });
  for (const bad of [null, [], 3, 'x', { where: 'moon' }, { bootstrap: 'a:1' }, { threads: 0 }]) {
    t.throws(() => parseConfig(bad), { code: 'CONFIG_INVALID' });
  }
  t.end();
});

t.test('the distance between words is a metric that knows swapped letters', (t) => {
  t.equal(editDistance('modles', 'models'), 1);
  t.equal(closest('netwrok', ['init', 'network']), 'network');
  t.equal(closest('xyzzy', ['init', 'network']), undefined);
  const word = fc.string({ maxLength: 8 });
  fc.assert(fc.property(word, word, (a, b) => {
    const distance = editDistance(a, b);
    return distance === editDistance(b, a) && (distance === 0) === (a === b);
  }));
  t.end();
});

t.test('an address is one exactly where Node says so', (t) => {
  const agrees = (text: string) => (isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0) === isIP(text);
  const own = [
    '',
    '::',
    '::1',
    ':::',
    '1::2::3',
    '::ffff:1.2.3.4',
    '::1.2.3',
    '::01.2.3.4',
    '1.2.3.04',
  ];
  const hostile = [
    'fe80::1%eth0',
    'fe80::1%',
    '%eth0',
    '::1%a%b',
    ':\n:1',
    '[::1]',
    '::1]',
    '0x1::',
  ];
  for (const text of [...own, ...hostile]) t.ok(agrees(text), JSON.stringify(text));
  const part = fc.oneof(
    fc.nat(300).map(String),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), maxLength: 5 }),
    fc.constant(''),
  );
  const glued = (by: string, most: number) =>
    fc.array(part, { minLength: 1, maxLength: most }).map((parts) => parts.join(by));
  const mixed = fc.tuple(glued(':', 7), glued('.', 4)).map((both) => both.join(':'));
  const texts = fc.oneof(fc.ipV4(), fc.ipV6(), glued('.', 5), glued(':', 9), mixed, fc.string());
  fc.assert(fc.property(texts, agrees), { numRuns: 2000 });
  t.end();
});
