import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { NCU, NexusError } from '../../feeds/base/mod.ts';
import { type ApiKey, type KeyUsage, SpendBook } from '../../node/gateway/mod.ts';
import { later } from '../../node/gateway/later.ts';
import { fileUsage, parseUsage, readUsage } from '../../node/keys/mod.ts';
import { done, eventsOf, fakeGateway, words } from './fake.ts';

const NOON = Date.UTC(2026, 0, 1, 12), DAY = 86_400_000;
const bearer = { authorization: 'Bearer s' };
const limits = (ncuPerDay: number | null) => ({
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrent: null,
  ncuPerDay,
});
const keyOf = (ncuPerDay: number | null): ApiKey => ({
  expires: null,
  id: '00000001',
  name: 'k',
  hash: '',
  created: 0,
  limits: limits(ncuPerDay),
});
const noKeys = () => Promise.resolve(new Set<string>());
/** An answer that costs so much. */
const costing = (ncu: number) =>
  async function* (_request: unknown, _signal: AbortSignal, job: string) {
    yield { event: 'route', job, attempt: 0, executor: 'ee', where: 'mesh' };
    yield { event: 'token', text: 'hi', ids: [1], position: 0 };
    yield { ...done(job, 'hi', 'end', 1), ncu };
  };

t.test('a key spends its day and no more; what it did not spend of a request is free', async (t) => {
  const { chat, node, keys, logs, request } = fakeGateway();
  keys.add('s', { ncuPerDay: 10 * NCU });
  node.price = { prompt: 100_000, token: 50_000 };
  node.script = costing(3 * NCU);
  const first = await chat({ max_tokens: 80 }, bearer);
  t.equal(first.status, 200);
  t.match(await first.json(), { nexus: { micro_ncu: 3 * NCU } });
  t.equal(first.headers.get('x-ratelimit-limit-ncu'), '10');
  t.equal(first.headers.get('x-ratelimit-remaining-ncu'), '5.9', 'the most it may cost is aside');
  t.match(logs[0], { ncu: 3 * NCU, outcome: 'stop' });
  t.equal((await chat({ max_tokens: 100 }, bearer)).status, 200, '7 NCU are left');
  const third = await chat({ max_tokens: 100 }, bearer);
  t.equal(third.status, 429);
  t.same(node.requests.length, 2, 'no work was begun');
  t.match(await third.json(), {
    error: {
      type: 'insufficient_quota',
      code: 'insufficient_quota',
      param: null,
      message: /: 4 of 10 NCU a day are left, and this request may cost 5\.1; ask for fewer/,
    },
  });
  t.equal(third.headers.get('x-should-retry'), 'false');
  t.ok(Number(third.headers.get('retry-after')) >= 1);
  t.equal((await chat({ max_tokens: 60 }, bearer)).status, 200, 'a shorter one fits');
  const metrics = await (await request('/metrics', { headers: bearer })).text();
  t.match(metrics, /^nexus_spent_ncu_total\{key="k0"\} 9$/m);
  t.match(metrics, /^nexus_key_spent_today_ncu\{key="k0"\} 9$/m);
});

t.test('answers of one request, and requests at once, share what is left', async (t) => {
  const { chat, node, keys } = fakeGateway();
  keys.add('s', { ncuPerDay: 10 * NCU });
  node.price = { prompt: 0, token: 50_000 };
  t.equal((await chat({ max_tokens: 80, n: 3 }, bearer)).status, 429, 'three may cost 12');
  const hold = later<void>();
  node.script = async function* (_request, _signal, job) {
    await hold.promise;
    yield* costing(NCU)(null, _signal, job);
  };
  const running = chat({ max_tokens: 120 }, bearer);
  const second = await chat({ max_tokens: 120 }, bearer);
  t.equal(second.status, 429, '6 and 6 are more than 10');
  t.match((await second.json()).error.message, /in progress/);
  hold.resolve();
  t.equal((await running).status, 200);
  t.equal((await chat({ max_tokens: 120 }, bearer)).status, 200);
});

t.test('what costs nothing, and a key without such a limit, is never refused', async (t) => {
  const { chat, node, keys } = fakeGateway();
  keys.add('s', { ncuPerDay: 1 });
  keys.add('free');
  const answer = await chat({}, bearer);
  t.equal(answer.status, 200);
  t.equal((await answer.json()).nexus.micro_ncu, null);
  node.price = { prompt: 0, token: NCU };
  t.equal((await chat({}, bearer)).status, 429);
  t.equal((await chat({}, { authorization: 'Bearer free' })).status, 200);
});

t.test('an answer that breaks off is paid for as far as it came', async (t) => {
  const { chat, node, keys, desk } = fakeGateway();
  keys.add('s', { ncuPerDay: 10 * NCU });
  node.price = { prompt: 7, token: 100 };
  node.script = async function* (_request, signal, job) {
    for await (const event of words('one two three', job, signal)) {
      if (event.event === 'done') throw new NexusError('PEER_LOST', 'gone');
      yield event;
    }
  };
  t.equal((await chat({}, bearer)).status, 503);
  t.same([...desk.spending.today], [['k0', 307]]);
});

t.test('each of several prompts that break off is paid for by its own length', async (t) => {
  const { request, node, keys, desk } = fakeGateway();
  keys.add('s', { ncuPerDay: NCU });
  node.quote = ((run: { prompt: string }) => ({
    prompt: run.prompt.length,
    token: 1,
    maxTokens: 10,
  })) as unknown as typeof node.quote;
  node.script = async function* (_request, signal, job) {
    for await (const event of words('one two three', job, signal)) {
      if (event.event === 'done') throw new NexusError('PEER_LOST', 'gone');
      yield event;
    }
  };
  const prompt = ['a', 'b'.repeat(900)];
  await request('/v1/completions', {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', prompt, max_tokens: 10 }),
  });
  t.same([...desk.spending.today], [['k0', 907]]);

  const book = new SpendBook(null, () => NOON, () => {}, noKeys);
  const spend = book.enter(keyOf(2000), [
    null,
    { prompt: 1, token: 1, maxTokens: 10 },
    { prompt: 900, token: 1, maxTokens: 10 },
  ]);
  for (const i of [0, 1, 2]) spend.broken(i, 5);
  t.same([...book.today.values()], [911], 'what costs nothing takes no one else’s place');
});

t.test('a prompt that is read again by another executor is set aside again', (t) => {
  const quote = { prompt: 40, token: 1, maxTokens: 20 };
  const book = new SpendBook(null, () => NOON, () => {}, noKeys);
  const key = keyOf(150), spend = book.enter(key, [quote]);
  spend.again(0);
  const refused = { code: 'insufficient_quota', status: 429 };
  t.throws(() => book.enter(key, [quote]), refused, '100 of 150 are set aside');
  spend.again(0);
  t.throws(() => spend.again(0), refused, 'a fourth attempt is not begun: it may cost 180');
  spend.broken(0, 10);
  t.same([...book.today.values()], [130], 'three attempts, and not the fourth one');
  spend.leave();
  book.enter(key, [{ ...quote, prompt: 0 }]).leave();
  t.throws(() => book.enter(key, [quote]), refused);
  t.end();
});

t.test('an answer that loses its executor ends where its key cannot pay for another one', async (t) => {
  const { chat, node, keys, desk } = fakeGateway();
  keys.add('s', { ncuPerDay: 1500 });
  node.price = { prompt: 600, token: 1 };
  let attempts = 0;
  node.script = async function* (_request, _signal, job) {
    for (;;) {
      if (attempts > 0) yield { event: 'failover', from: 'e1', to: 'e2', cause: {}, tokens: 1 };
      attempts++;
      yield { event: 'route', job, attempt: 0, executor: 'ee', where: 'mesh' };
      yield { event: 'token', text: 'hi', ids: [1], position: 0 };
    }
  };
  const answer = await chat({}, bearer);
  t.equal(answer.status, 429);
  t.match(await answer.json(), { error: { code: 'insufficient_quota' } });
  t.equal(attempts, 2, 'the third one would have been 1,800 and its tokens');
  t.same([...desk.spending.today], [['k0', 1202]]);
});

t.test('a gateway that is closed keeps what its keys have spent, also where nothing runs', async (t) => {
  let kept = 0;
  const { desk } = fakeGateway({
    usage: {
      load: () => Promise.resolve(null),
      save() {},
      flush: () => Promise.resolve(void kept++),
    },
  });
  await desk.drain();
  t.equal(kept, 1);
});

t.test("the node's own account may be empty too", async (t) => {
  const { chat, node } = fakeGateway();
  // deno-lint-ignore require-yield -- it fails before
  node.script = async function* () {
    await Promise.resolve();
    throw new NexusError('NCU_SHORT', 'the answer may cost 5 NCU, and 1 NCU can be spent');
  };
  const response = await chat();
  t.equal(response.status, 429);
  t.match(await response.json(), { error: { code: 'insufficient_quota', message: /5 NCU/ } });
});

t.test('a stream tells its cost in its last chunk', async (t) => {
  const { chat, node } = fakeGateway();
  node.script = costing(42);
  const events = eventsOf(await (await chat({ stream: true })).text());
  t.match(events.at(-2), { choices: [{ finish_reason: 'stop' }], nexus: { micro_ncu: 42 } });
});

t.test('a day ends at 00:00 UTC; a clock that is set back begins none', (t) => {
  let now = NOON;
  const book = new SpendBook(null, () => now, () => {}, noKeys);
  const key = keyOf(100), quote = { prompt: 0, token: 10, maxTokens: 10 };
  const spend = book.enter(key, [quote]);
  spend.charge(60);
  spend.leave();
  spend.leave();
  const refused = { code: 'insufficient_quota' };
  t.throws(() => book.enter(key, [quote]), refused);
  now -= DAY;
  t.throws(() => book.enter(key, [quote]), refused);
  now = NOON + DAY / 2 - 1;
  t.throws(() => book.enter(key, [quote]), refused);
  now += 1;
  book.enter(key, [quote]).leave();
  t.equal(book.today.size, 0);
  t.end();
});

t.test('a day that a clock far ahead has begun refuses nobody for years, and forgets nothing', (t) => {
  const key = keyOf(100), quote = { prompt: 0, token: 10, maxTokens: 10 };
  const today = Math.floor(NOON / DAY);
  let now = NOON;
  const saved: KeyUsage[] = [];
  const book = new SpendBook({ day: today + 4000, used: { [key.id]: 60 } }, () => now, (usage) => {
    saved.push(usage);
  }, noKeys);
  try {
    book.enter(key, [quote]);
    t.fail('it was let');
  } catch (thrown) {
    t.match(thrown, { code: 'insufficient_quota' });
    t.match(thrown, { headers: { 'retry-after': `${DAY / 2000}` } }, 'until the next midnight');
  }
  book.enter(key, []).charge(1);
  t.same(saved, [{ day: today, used: { [key.id]: 61 } }]);
  now += 500 * DAY;
  const later = book.enter(key, [quote]);
  later.charge(70);
  later.leave();
  now = NOON;
  t.throws(() => book.enter(key, [quote]), { code: 'insufficient_quota' }, 'set back: it counts');
  now += DAY;
  book.enter(key, [quote]).leave();
  t.end();
});

t.test('whatever comes in whatever order, a limit holds', (t) => {
  const step = fc.record({
    most: fc.nat(60),
    used: fc.double({ min: 0, max: 1, noNaN: true }),
    wait: fc.nat(3),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), fc.nat(100), (steps, limit) => {
    const book = new SpendBook(null, () => NOON, () => {}, noKeys);
    const open: { spend: ReturnType<SpendBook['enter']>; cost: number; until: number }[] = [];
    steps.forEach(({ most, used, wait }, i) => {
      for (const one of open.filter(({ until }) => until === i)) {
        one.spend.charge(one.cost);
        one.spend.leave();
      }
      try {
        const spend = book.enter(keyOf(limit), [{ prompt: most, token: 0, maxTokens: 0 }]);
        open.push({ spend, cost: Math.floor(most * used), until: i + 1 + wait });
      } catch (thrown) {
        if ((thrown as { code?: string }).code !== 'insufficient_quota') throw thrown;
      }
    });
    return (book.today.get('00000001') ?? 0) <= limit;
  }));
  t.end();
});

t.test('what a key has spent today is forgotten only where there is no such key any more', async (t) => {
  const idOf = (i: number) => `f${String(i).padStart(7, '0')}`;
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const own = keyOf(100), quote = { prompt: 0, token: 10, maxTokens: 10 };
  const there = new Set([own.id]), saved: KeyUsage[] = [];
  let ids = () => Promise.resolve<ReadonlySet<string>>(there);
  // Made, used and removed, one after the other.
  const used = { [own.id]: 60, ...Object.fromEntries(range(2, 5000).map((i) => [idOf(i), 1])) };
  const before = { day: Math.floor(NOON / DAY), used };
  const book = new SpendBook(before, () => NOON, (usage) => saved.push(usage), () => ids());
  const spends = async (i: number) => {
    const spend = book.enter({ ...own, id: idOf(i) }, []);
    spend.charge(1);
    spend.leave();
    await new Promise(setImmediate);
  };
  const busy = book.enter({ ...own, id: idOf(2) }, []);
  const refused = { code: 'insufficient_quota' };
  await spends(5000);
  t.throws(() => book.enter(own, [quote]), refused, 'the oldest use is of a key that there is');
  t.equal(book.today.size, 4096);
  const kept = [own.id, idOf(2), idOf(4999), idOf(5000)];
  t.ok(kept.every((id) => book.today.has(id)), 'nor is that of requests in progress');
  t.same(Object.keys(saved.at(-1)!.used), [...book.today.keys()], 'what is kept is bounded, too');

  ids = () => Promise.reject(new Error('no such file'));
  for (const i of [6000, 6001]) await spends(i);
  t.equal(book.today.size, 4098, 'nobody can say which keys there are');
  ids = () => Promise.resolve(there);
  busy.leave();
  await spends(6002);
  t.equal(book.today.size, 4096);
  t.notOk(book.today.has(idOf(2)));
  t.throws(() => book.enter(own, [quote]), refused);
});

t.test('what was spent outlives a restart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-usage-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'usage.json');
  t.equal(await readUsage(path), null);
  const errors: unknown[] = [];
  const store = fileUsage(path, (thrown) => errors.push(thrown));
  const book = new SpendBook(await store.load(), () => NOON, (usage) => store.save(usage), noKeys);
  for (let i = 0; i < 50; i++) book.enter(keyOf(null), []).charge(2);
  await store.flush();
  t.same(errors, []);
  t.equal(statSync(path).mode & 0o777, 0o600);
  const again = new SpendBook(await readUsage(path), () => NOON, () => {}, noKeys);
  t.same([...again.today], [['00000001', 100]]);
  t.equal(new SpendBook(await readUsage(path), () => NOON + DAY, () => {}, noKeys).today.size, 0);

  writeFileSync(path, '{');
  await t.rejects(fileUsage(path, () => {}).load(), { code: 'USAGE_INVALID', hint: /rm/ });
  t.equal(readFileSync(path, 'utf8'), '{');
  const wrong = [
    null,
    [],
    {},
    { version: 1, day: -1, used: {} },
    { version: 1, day: 1, used: [] },
    {
      version: 1,
      day: 1,
      used: { '../x': 1 },
    },
    { version: 1, day: 1, used: { '00000001': 0.5 } },
  ];
  for (const json of wrong) t.equal(parseUsage(json), null);
  const whole: KeyUsage = { day: 3, used: { '00000001': 5 } };
  t.same(parseUsage({ version: 1, ...whole }), whole);
});
