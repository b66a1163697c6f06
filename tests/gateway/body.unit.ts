import fc from 'fast-check';
import t from 'tap';
import { fakeGateway } from './fake.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const PATHS = ['/v1/chat/completions', '/v1/completions'];

t.test('a body that cannot be read is refused with the reason', async (t) => {
  const { request } = fakeGateway({ limits: { bodyBytes: 1000 } });
  const cases: [RequestInit['body'], Record<string, string>, number, string][] = [
    ['{"a":', JSON_TYPE, 400, 'invalid_json'],
    ['', JSON_TYPE, 400, 'invalid_json'],
    ['[]', JSON_TYPE, 400, 'invalid_type'],
    ['null', JSON_TYPE, 400, 'invalid_type'],
    ['['.repeat(900), JSON_TYPE, 400, 'invalid_json'],
    [new Uint8Array([0x7b, 0xff, 0x7d]), JSON_TYPE, 400, 'invalid_utf8'],
    ['x'.repeat(1001), JSON_TYPE, 413, 'body_too_large'],
    ['{}', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }, 415, 'unsupported_encoding'],
  ];
  for (const [body, headers, status, code] of cases) {
    const response = await request(PATHS[0]!, { method: 'POST', headers, body: body! });
    t.equal(response.status, status, code);
    t.match(await response.json(), { error: { code, type: 'invalid_request_error' } });
  }
});

t.test('of equal members the last one counts', async (t) => {
  const { post, node } = fakeGateway();
  const body = '{"model":"tiny","prompt":"x","max_tokens":5,"max_tokens":6}';
  t.equal((await post('/v1/completions', body)).status, 200);
  t.equal(node.requests[0]!.maxTokens, 6);
});

t.test('bodies that are read at once have a bound in all', async (t) => {
  const { request, chat } = fakeGateway({ limits: { bodiesBytes: 100 } });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const slow = request(PATHS[0]!, {
    method: 'POST',
    headers: JSON_TYPE,
    body: readable,
    duplex: 'half',
  } as RequestInit);
  await writer.write(new Uint8Array(90).fill(0x20));
  const refused = await chat();
  t.equal(refused.status, 503);
  t.equal(refused.headers.get('retry-after'), '1');
  await writer.close();
  t.equal((await slow).status, 400);
  t.equal((await chat()).status, 200, 'given back');
});

t.test('whatever is sent, there is an answer or an error in the one shape', async (t) => {
  const { post, node, faults } = fakeGateway();
  const names = [
    ...['model', 'messages', 'prompt', 'n', 'stop', 'seed', 'stream', 'max_tokens', 'tools'],
    ...['temperature', 'stream_options', 'top_p', 'user', '__proto__', 'constructor', 'toString'],
  ];
  const member = fc.tuple(
    fc.constantFrom(...names),
    fc.oneof(fc.jsonValue(), fc.constantFrom('tiny', true, 1, [{ role: 'user', content: 'x' }])),
  );
  const body = fc.oneof(
    fc.array(member, { maxLength: 8 }).map((m) =>
      `{${m.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`
    ),
    fc.json(),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PATHS), body, async (path, sent) => {
      const response = await post(path, sent);
      if (response.status === 200) return void await response.text();
      const { error } = await response.json();
      return [400, 404].includes(response.status) && typeof error.message === 'string' &&
        typeof error.code === 'string' && error.type === 'invalid_request_error' &&
        (error.param === null || typeof error.param === 'string');
    }),
    { numRuns: 500 },
  );
  t.same(faults, []);
  t.equal(node.running, 0);
});
