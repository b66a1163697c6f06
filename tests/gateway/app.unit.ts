import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import { later } from '../../node/gateway/later.ts';
import { done, eventsOf, EXECUTOR, fakeGateway, MODEL, words } from './fake.ts';

const JOB = '1'.padStart(64, '0');

t.test('an answer has its text, its tokens and its receipt', async (t) => {
  const { chat, node, request, logs } = fakeGateway();
  const response = await chat({ max_tokens: 9 });
  t.equal(response.status, 200);
  t.equal(response.headers.get('x-nexus-receipt'), JOB);
  t.match(await response.json(), {
    id: /^chatcmpl-/,
    object: 'chat.completion',
    model: 'tiny',
    choices: [{
      index: 0,
      message: { role: 'assistant', content: 'one two three' },
      finish_reason: 'stop',
    }],
    usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 },
    nexus: { job: JOB, receipt: `/v1/receipts/${JOB}`, executor: EXECUTOR, attempts: 1 },
  });
  t.match(node.requests[0], { model: MODEL.profile, maxTokens: 9 }, 'asked for by its id');
  const receipt = await request(`/v1/receipts/${JOB}`);
  t.same(await receipt.json(), { r: 1 });
  t.equal((await request(`/v1/receipts/${'2'.repeat(64)}`)).status, 404);
  t.equal((await request('/v1/receipts/..%2fidentity')).status, 404);
  t.match(logs[0], {
    path: '/v1/chat/completions',
    status: 200,
    model: 'tiny',
    job: JOB,
    executor: EXECUTOR,
    promptTokens: 3,
    outputTokens: 3,
    outcome: 'stop',
  });
});

t.test('a stream has a piece for each token, and ends with what the answer was', async (t) => {
  const { chat, post } = fakeGateway();
  const response = await chat({ stream: true, stream_options: { include_usage: true } });
  t.match(response.headers.get('content-type'), 'text/event-stream');
  t.equal(response.headers.get('x-nexus-receipt'), JOB, 'known before the first token');
  const events = eventsOf(await response.text());
  t.equal(events.pop(), '[DONE]');
  t.match(events.pop(), { choices: [], usage: { total_tokens: 6 } });
  t.match(events[0].choices[0].delta, { role: 'assistant', content: '' });
  const text = events.map((e) => e.choices[0].delta.content ?? '').join('');
  t.equal(text, 'one two three');
  t.match(events.at(-1), { choices: [{ finish_reason: 'stop' }], nexus: { job: JOB } });
  t.equal(new Set(events.map((e) => e.id)).size, 1);

  const legacy = await post('/v1/completions', { model: 'tiny', prompt: 'x', stream: true });
  const pieces = eventsOf(await legacy.text());
  t.equal(pieces.pop(), '[DONE]');
  t.equal(pieces.map((e) => e.choices[0].text).join(''), 'one two three');
  t.match(pieces[0], { object: 'text_completion', id: /^cmpl-/ });
});

t.test('several answers come side by side, each with a receipt', async (t) => {
  const { chat, node } = fakeGateway();
  node.script = (request, signal, job) => words(`for ${request.seed?.slice(0, 8)}`, job, signal);
  const asked = { n: 3, seed: 5 };
  const whole = await (await chat(asked)).json();
  // deno-lint-ignore no-explicit-any -- as the client sees it
  const texts = whole.choices.map((choice: any) => choice.message.content);
  t.same(texts, ['for 00000000', 'for 00000001', 'for 00000002']);
  t.equal(whole.usage.prompt_tokens, 3, 'one prompt');
  t.match(whole.choices[2].nexus, { receipt: /^\/v1\/receipts\// });
  const events = eventsOf(await (await chat({ ...asked, stream: true })).text());
  t.equal(events.filter((e) => e.nexus !== undefined).length, 3);
  for (const [i, text] of texts.entries()) {
    const mine = events.filter((e) => e.choices?.[0]?.index === i);
    t.equal(mine.map((e) => e.choices[0].delta.content ?? '').join(''), text);
  }
});

t.test('what fails before the first token has its own status', async (t) => {
  const { chat, node, faults } = fakeGateway();
  const full = new NexusError('FULL', 'busy');
  const cases: [unknown, number, string][] = [
    [new NexusError('NOBODY_REACHABLE', 'nobody', { hint: 'try' }), 503, 'NOBODY_REACHABLE'],
    [new NexusError('NOBODY_REACHABLE', 'nobody', { cause: full }), 503, 'FULL'],
    [new NexusError('PROMPT_TOO_LONG', 'long'), 400, 'context_length_exceeded'],
    [new NexusError('MODEL_UNKNOWN', 'what'), 404, 'model_not_found'],
    [new NexusError('TEMPLATE_REFUSED', 'turns'), 400, 'TEMPLATE_REFUSED'],
    [new NexusError('ENGINE_LOST', 'gone'), 503, 'ENGINE_LOST'],
    [new NexusError('SOMETHING', 'else'), 500, 'SOMETHING'],
    [new Error('secret of the inside'), 500, 'INTERNAL'],
  ];
  for (const [thrown, status, code] of cases) {
    for (const stream of [false, true]) {
      for (const routed of [false, true]) {
        node.script = async function* (_request, _signal, job) {
          if (routed) yield { event: 'route', job, executor: EXECUTOR };
          throw thrown;
        };
        const response = await chat({ stream });
        t.equal(response.status, status, code);
        const { error } = await response.json();
        t.equal(error.code, code);
        t.same(Object.keys(error).sort(), ['code', 'message', 'param', 'type']);
        t.notMatch(error.message, /secret/);
        t.equal(response.headers.has('retry-after'), status === 503);
      }
    }
  }
  t.ok(faults.length > 0, 'told to the owner');
});

t.test('what fails in mid-answer is an error in the stream, which then has no end', async (t) => {
  const { chat, node, logs } = fakeGateway();
  node.script = async function* (_request, _signal, job) {
    yield { event: 'route', job, executor: EXECUTOR };
    yield { event: 'token', text: 'half', ids: [1], position: 0 };
    throw new NexusError('PEER_LOST', 'it is gone');
  };
  const response = await chat({ stream: true });
  t.equal(response.status, 200);
  const text = await response.text();
  const events = eventsOf(text);
  t.match(events.at(-1), { error: { code: 'PEER_LOST', type: 'server_error' } });
  t.notMatch(text, /DONE|finish_reason":"/);
  t.match(logs[0], { outcome: 'PEER_LOST', outputTokens: 1 });
  node.script = async function* (_request, _signal, job) {
    yield { event: 'route', job, executor: EXECUTOR };
    yield done(job, 'half', 'cancelled', 1);
  };
  t.equal((await chat()).status, 503, 'an answer that was cut off is not given as whole');
});

t.test('a client that leaves cancels its job', async (t) => {
  const { chat, node, logs } = fakeGateway();
  node.script = async function* (_request, signal, job) {
    yield { event: 'route', job, executor: EXECUTOR };
    yield { event: 'token', text: 'a', ids: [1], position: 0 };
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    yield done(job, 'a', 'cancelled', 1);
  };
  const response = await chat({ stream: true });
  const reader = response.body!.getReader();
  await reader.read();
  t.equal(node.running, 1);
  await reader.cancel('client_left');
  while (logs.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.equal(node.running, 0);
  t.equal(node.cancelled, 1);
  t.match(logs[0], { outcome: 'client_left', promptTokens: 3, outputTokens: 1 });
});

t.test('an executor that is slow to begin does not hold the response back', async (t) => {
  const { chat, node } = fakeGateway({ limits: { headMs: 5 } });
  const { promise, resolve } = later<void>();
  node.script = async function* (_request, signal, job) {
    yield { event: 'route', job, executor: EXECUTOR };
    await promise;
    yield* words('late', job, signal);
  };
  const response = await chat({ stream: true });
  t.equal(response.headers.get('x-nexus-receipt'), JOB);
  resolve();
  t.match(eventsOf(await response.text()).at(-1), '[DONE]');
});

t.test('a node works on so many at once, the others wait', async (t) => {
  const { chat, node } = fakeGateway({ limits: { jobs: 2, streams: 5 } });
  const { promise, resolve } = later<void>();
  let most = 0;
  node.script = async function* (_request, signal, job) {
    most = Math.max(most, node.running);
    await promise;
    yield* words('x', job, signal);
  };
  const asked = Array.from({ length: 5 }, () => chat());
  const sixth = await chat();
  t.equal(sixth.status, 503);
  t.match(await sixth.json(), { error: { code: 'gateway_busy' } });
  t.equal(sixth.headers.get('retry-after'), '1');
  resolve();
  for (const response of await Promise.all(asked)) t.equal(response.status, 200);
  t.equal(most, 2);
  t.equal((await chat()).status, 200, 'there is room again');
});

t.test('whoever leaves the queue is forgotten, those behind move up', async (t) => {
  const { chat, post, node, logs, request } = fakeGateway({ limits: { jobs: 1 } });
  const { promise, resolve } = later<void>();
  node.script = async function* (_request, signal, job) {
    await promise;
    yield* words('x', job, signal);
  };
  const first = chat();
  while (node.running === 0) await new Promise((again) => setImmediate(again));
  const gone = new AbortController();
  const body = JSON.stringify({ model: 'tiny', prompt: 'x' });
  const headers = { 'content-type': 'application/json' };
  const second = request('/v1/completions', { method: 'POST', headers, body }, gone.signal);
  const third = post('/v1/completions', { model: 'tiny', prompt: 'y' });
  await new Promise((again) => setTimeout(again, 20));
  gone.abort();
  t.equal((await second).status, 499);
  t.equal(logs[0]!.outcome, 'client_left');
  resolve();
  t.equal((await first).status, 200);
  t.equal((await third).status, 200);
  t.same(node.requests.map(({ prompt }) => prompt), [undefined, 'y'], 'the second was never run');
});

t.test('models are listed, and only those are answered by', async (t) => {
  const { request, chat, node } = fakeGateway();
  const other = { ...MODEL, profile: 'cd'.repeat(32), local: false, peers: 2 };
  t.match(await (await request('/v1/models')).json(), {
    object: 'list',
    data: [{ id: 'tiny', object: 'model', owned_by: 'nexus', nexus: { context_size: 1024 } }],
  });
  t.equal((await request('/v1/models/tiny')).status, 200);
  t.equal((await request(`/v1/models/${MODEL.profile}`)).status, 200, 'by its id');
  t.match(await (await request('/v1/models/gpt-4')).json(), { error: { code: 'model_not_found' } });
  t.equal((await chat({ model: 'gpt-4' })).status, 404);
  node.served = [other, MODEL];
  t.equal((await chat()).status, 200);
  t.equal(node.requests.at(-1)!.model, MODEL.profile, 'our own first');
  node.served = [other, { ...other, profile: 'ef'.repeat(32) }];
  t.match(await (await chat()).json(), { error: { code: 'MODEL_AMBIGUOUS' } });
  t.equal((await chat({ model: other.profile })).status, 200);
  const posing = { ...other, name: other.profile, profile: 'ef'.repeat(32) };
  node.served = [posing, other];
  t.equal((await chat({ model: other.profile })).status, 200);
  t.equal(node.requests.at(-1)!.model, other.profile, 'an id as a name is no id');
  node.served = [posing];
  t.equal((await chat({ model: other.profile })).status, 404);
});

t.test('health, readiness and figures', async (t) => {
  const { request, chat, node } = fakeGateway();
  t.equal((await request('/health')).status, 200);
  t.equal((await request('/ready')).status, 200);
  node.ready = { ready: false, detail: 'no model is loaded' };
  const ready = await request('/ready');
  t.equal(ready.status, 503);
  t.same(await ready.json(), node.ready);
  await chat();
  await request(`/v1/${'x'.repeat(50)}`);
  const finished = { event: 'job-finished', at: 0, finish: 'anything', tokens: 4, error: null };
  for (const listener of node.listeners) listener(finished);
  const text = await (await request('/metrics')).text();
  t.match(text, 'nexus_tokens_total{kind="output"} 3');
  t.match(text, 'nexus_http_requests_total{route="other",status="404"} 1');
  t.match(text, 'nexus_executed_jobs_total{finish="error"} 1', 'labels are from a known set');
  t.match(text, 'nexus_peers 2');
  for (const [, name] of text.matchAll(/^# TYPE (\S+)/gm)) t.match(name, /^nexus_/);
});

t.test('what is elsewhere in the API is refused by its name', async (t) => {
  const { request, post } = fakeGateway();
  for (const path of ['/v1/embeddings', '/v1/images/generations', '/v1/responses']) {
    const response = await post(path, {});
    t.equal(response.status, 404, path);
    t.match(await response.json(), { error: { code: 'unsupported_endpoint' } });
  }
  t.match(await (await request('/other')).json(), { error: { code: 'not_found' } });
  const wrong = await request('/v1/chat/completions');
  t.equal(wrong.status, 405);
  t.equal(wrong.headers.get('allow'), 'POST');
});
