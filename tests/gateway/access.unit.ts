import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import { later } from '../../node/gateway/later.ts';
import { fakeGateway, words } from './fake.ts';

const BEARER = (secret: string) => ({ authorization: `Bearer ${secret}` });

t.test('once a key exists, each request needs one', async (t) => {
  const { chat, request, keys, logs } = fakeGateway();
  t.equal((await chat({}, BEARER('anything'))).status, 200, 'none exists yet');
  keys.add('right');
  for (
    const headers of [{}, BEARER('wrong'), BEARER('x'.repeat(5000)), { authorization: 'right' }]
  ) {
    const refused = await chat({}, headers);
    t.equal(refused.status, 401);
    t.match(await refused.json(), { error: { code: 'invalid_api_key' } });
  }
  t.equal((await request('/metrics')).status, 401);
  t.equal((await request('/v1/models')).status, 401);
  t.equal((await request('/health')).status, 200);
  t.equal((await chat({}, BEARER('right'))).status, 200);
  t.equal(logs.at(-1)!.key, 'k0');
});

t.test('another address than loopback needs a key to exist, and one each time', async (t) => {
  const { keys, chat, serve } = fakeGateway({ hostname: '0.0.0.0' });
  await t.rejects(serve(), { code: 'GATEWAY_NEEDS_KEY' });
  t.equal((await chat()).status, 401, 'also if the last one was removed');
  keys.add('right');
  t.equal((await chat({}, { ...BEARER('right'), host: 'any.name' })).status, 200);
});

t.test('a receipt goes to the key that asked for it', async (t) => {
  const { chat, request, keys } = fakeGateway();
  keys.add('one');
  keys.add('two');
  const job = (await chat({}, BEARER('one'))).headers.get('x-nexus-receipt');
  const path = `/v1/receipts/${job}`;
  t.equal((await request(path, { headers: BEARER('two') })).status, 404);
  t.equal((await request(path, { headers: BEARER('one') })).status, 200);
});

t.test('a key has its requests a minute', async (t) => {
  const { chat, keys } = fakeGateway();
  keys.add('k', { requestsPerMinute: 2 });
  const first = await chat({}, BEARER('k'));
  t.equal(first.headers.get('x-ratelimit-limit-requests'), '2');
  t.equal(first.headers.get('x-ratelimit-remaining-requests'), '1');
  await chat({}, BEARER('k'));
  const third = await chat({}, BEARER('k'));
  t.equal(third.status, 429);
  t.match(await third.json(), { error: { code: 'rate_limit_exceeded', type: 'requests' } });
  const wait = Number(third.headers.get('retry-after'));
  t.ok(wait >= 1 && wait <= 30, `${wait}`);
});

t.test('and its tokens a minute, prompt and output together', async (t) => {
  const { chat, keys } = fakeGateway();
  keys.add('k', { tokensPerMinute: 5 });
  t.equal((await chat({}, BEARER('k'))).status, 200, 'takes 6');
  const refused = await chat({}, BEARER('k'));
  t.equal(refused.status, 429);
  t.match(await refused.json(), { error: { type: 'tokens' } });
});

t.test('and its streams at once', async (t) => {
  const { chat, keys, node } = fakeGateway();
  keys.add('k', { concurrent: 1 });
  const { promise, resolve } = later<void>();
  node.script = async function* (_request, signal, job) {
    await promise;
    yield* words('x', job, signal);
  };
  const first = chat({}, BEARER('k'));
  while (node.running === 0) await new Promise((again) => setImmediate(again));
  t.equal((await chat({}, BEARER('k'))).status, 429);
  resolve();
  t.equal((await first).status, 200);
  t.equal((await chat({}, BEARER('k'))).status, 200);
});

t.test('loopback answers to its own names alone', async (t) => {
  const { request } = fakeGateway();
  const status = async (host: string) => (await request('/health', { headers: { host } })).status;
  for (const host of ['localhost', '127.0.0.1:8040', '[::1]:8040', '127.3.2.1', 'app.localhost']) {
    t.equal(await status(host), 200, host);
  }
  for (const host of ['evil.example', '192.168.0.2', '127.0.0.1.evil.example', '0.0.0.0']) {
    t.equal(await status(host), 403, host);
  }
  t.equal(await status('a b'), 400);
});

t.test('pages of other origins may not call', async (t) => {
  const { request } = fakeGateway();
  const status = async (headers: Record<string, string>) =>
    (await request('/v1/models', { headers: { host: 'localhost:8040', ...headers } })).status;
  t.equal(await status({ origin: 'https://evil.example' }), 403);
  t.equal(await status({ origin: 'null' }), 403);
  t.equal(await status({ 'sec-fetch-site': 'cross-site' }), 403);
  t.equal(await status({ 'sec-fetch-site': 'same-site' }), 403);
  t.equal(await status({ 'sec-fetch-site': 'none' }), 200);
  t.equal(await status({ origin: 'http://localhost:8040' }), 200, 'its own');
  const preflight = await request('/v1/chat/completions', {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  });
  t.equal(preflight.status, 403);
  t.notOk(preflight.headers.has('access-control-allow-origin'));
});

t.test('pages of an allowed origin may', async (t) => {
  const origin = 'https://app.example';
  const { request, chat } = fakeGateway({ origins: [origin] });
  const preflight = await request('/v1/chat/completions', {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type, b@d',
    },
  });
  t.equal(preflight.status, 204);
  t.equal(preflight.headers.get('access-control-allow-origin'), origin);
  t.equal(preflight.headers.get('access-control-allow-headers'), 'authorization, content-type');
  const answer = await chat({}, { origin, 'sec-fetch-site': 'cross-site' });
  t.equal(answer.status, 200);
  t.equal(answer.headers.get('access-control-allow-origin'), origin);
  t.match(answer.headers.get('access-control-expose-headers'), 'x-nexus-receipt');
  const failed = await chat({ n: 0 }, { origin });
  t.equal(failed.headers.get('access-control-allow-origin'), origin, 'errors can be read too');
  t.equal((await chat({}, { origin: 'https://other.example' })).status, 403);
  const any = fakeGateway({ origins: ['*'] });
  t.equal((await any.chat({}, { origin: 'https://other.example' })).status, 200);
});

t.test('each of several answers has its receipt', async (t) => {
  const { chat, request, keys } = fakeGateway();
  keys.add('one');
  keys.add('two');
  const { choices } = await (await chat({ n: 3 }, BEARER('one'))).json();
  t.equal(choices.length, 3);
  for (const { nexus } of choices) {
    t.equal((await request(nexus.receipt, { headers: BEARER('one') })).status, 200);
    t.equal((await request(nexus.receipt, { headers: BEARER('two') })).status, 404);
  }
});

t.test('a request that failed keeps its place until all its answers have ended', async (t) => {
  const { chat, keys, node, logs } = fakeGateway();
  keys.add('k', { concurrent: 1 });
  const { promise, resolve } = later<void>();
  node.script = async function* (_request, signal, job) {
    if (node.running === 1) throw new NexusError('PEER_LOST', 'gone');
    await promise;
    yield* words('x', job, signal);
  };
  t.equal((await chat({ n: 2 }, BEARER('k'))).status, 503);
  t.equal(node.running, 1, 'the second answer is still being worked on');
  t.equal((await chat({}, BEARER('k'))).status, 429);
  resolve();
  while (logs.length < 2) await new Promise((again) => setImmediate(again));
  t.equal(logs[1]!.outcome, 'PEER_LOST');
  node.script = (_request, signal, job) => words('x', job, signal);
  t.equal((await chat({}, BEARER('k'))).status, 200);
});

t.test('keys that cannot be read let nobody in, and tell strangers nothing', async (t) => {
  const path = '/home/somebody/keys.json';
  const broken = () => Promise.reject(new NexusError('KEYS_EXPOSED', `others may use ${path}`));
  const keys = { size: broken, find: broken, ids: broken };
  for (const hostname of ['127.0.0.1', '0.0.0.0']) {
    const { request, faults } = fakeGateway({ hostname, keys });
    const refused = await request('/v1/models', { headers: BEARER('anything') });
    t.equal(refused.status, 500);
    t.notMatch(await refused.text(), path);
    t.match((faults[0] as Error).message, path, 'the log is told');
  }
});
