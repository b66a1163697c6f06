import { connect, type Socket } from 'node:net';
import t from 'tap';
import { EXECUTOR, fakeGateway } from './fake.ts';

/** A raw connection, and what came back until it was closed. */
function raw(url: string, sent: string): { socket: Socket; closed: Promise<string> } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let got = '';
  socket.setEncoding('latin1').on('data', (text) => got += text).on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(got)));
  socket.write(sent);
  return { socket, closed };
}

const POST = 'POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n' +
  'Content-Type: application/json\r\n';
const BODY = JSON.stringify({
  model: 'tiny',
  messages: [{ role: 'user', content: 'x' }],
  stream: true,
});
const STREAM = `${POST}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;

t.test('headers and bodies that dribble in are cut off, and so are idle connections', async (t) => {
  const limits = { headersMs: 300, requestMs: 600, idleMs: 300 };
  const gateway = await fakeGateway({ limits }).serve();
  t.teardown(() => gateway.close());
  const head = raw(gateway.url, 'POST / HTTP/1.1\r\nHost: a\r\n');
  const body = raw(gateway.url, `${POST}Content-Length: 1000\r\n\r\n{`);
  const dribble = setInterval(() => {
    head.socket.write('X-A: b\r\n');
    body.socket.write(' ');
  }, 50);
  for (const { closed } of [head, body]) {
    const answer = await closed;
    t.match(answer, /^HTTP\/1\.1 408 /);
    t.match(answer, '"code":"request_timeout"');
  }
  clearInterval(dribble);
  const idle = raw(gateway.url, 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
  t.match(await idle.closed, /^HTTP\/1\.1 200 /);
  await raw(gateway.url, '').closed;
  t.pass('nothing at all is not waited for either');
});

t.test('what is no HTTP is refused in the one shape', async (t) => {
  const gateway = await fakeGateway().serve();
  t.teardown(() => gateway.close());
  const get = 'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n';
  const cases: [string, number][] = [
    ['GARBAGE\r\n\r\n', 400],
    [`${get}X: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    [`${get.replace('localhost', 'evil.example')}\r\n`, 403],
    ['GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    [get.replace('GET', 'TRACE') + '\r\n', 400],
    [get.replace('/health', 'http://evil.example/health') + '\r\n', 200],
    [`${get}\r\n`, 200],
    [`${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
  ];
  for (const [sent, status] of cases) {
    const answer = await raw(gateway.url, sent).closed;
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), JSON.stringify(sent.slice(0, 60)));
    if (status !== 200) t.match(answer, /\{"error":\{"message":"[^"]+","type":"[^"]+"/);
  }
});

t.test('a reader who takes nothing loses his job, others do not notice', async (t) => {
  const { serve, node, logs } = fakeGateway({ limits: { stalledMs: 200 } });
  const gateway = await serve();
  t.teardown(() => gateway.close());
  let made = 0;
  node.script = async function* (_request, signal, job) {
    yield { event: 'route', job, executor: EXECUTOR };
    for (; !signal.aborted; made++) {
      yield { event: 'token', text: 'x'.repeat(4096), ids: [1], position: made };
    }
  };
  const { socket } = raw(gateway.url, STREAM);
  socket.pause();
  t.teardown(() => socket.destroy());
  while (logs.length === 0) {
    t.equal((await fetch(`${gateway.url}/health`)).status, 200);
  }
  while (!logs.some(({ outcome }) => outcome === 'reader_stalled')) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.equal(node.running, 0);
  t.ok(made * 4096 < 64 << 20, `what waits for him is bounded: ${made * 4} KiB`);
});

t.test('a client that hangs up cancels its job, streamed or not, queued or not', async (t) => {
  const { serve, node, logs } = fakeGateway();
  const gateway = await serve();
  t.teardown(() => gateway.close());
  for (const routed of [true, false]) {
    for (const body of [BODY, BODY.replace('true', 'false')]) {
      node.script = async function* (_request, signal, job) {
        if (routed) yield { event: 'route', job, executor: EXECUTOR };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      };
      const before = logs.length, cancelled = node.cancelled;
      const sent = `${POST}Content-Length: ${body.length}\r\n\r\n${body}`;
      const { socket } = raw(gateway.url, sent);
      while (node.running === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      socket.destroy();
      while (logs.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
      t.equal(node.cancelled, cancelled + 1);
      t.equal(logs.at(-1)!.outcome, 'client_left');
    }
  }
});

t.test('a closing gateway takes nothing new and ends what is in progress', async (t) => {
  const { serve, node } = fakeGateway({ limits: { drainMs: 100 } });
  const gateway = await serve();
  node.script = async function* (_request, signal, job) {
    yield { event: 'route', job, executor: EXECUTOR };
    yield { event: 'token', text: 'a', ids: [1], position: 0 };
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    signal.throwIfAborted();
  };
  const answer = raw(gateway.url, STREAM);
  while (node.running === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await gateway.close();
  const text = await answer.closed;
  t.match(text, '"code":"NODE_STOPPED"');
  t.notMatch(text, 'DONE');
  await t.rejects(fetch(`${gateway.url}/health`));
});

t.test('an address that cannot be had is told', async (t) => {
  const gateway = await fakeGateway().serve();
  t.teardown(() => gateway.close());
  const port = Number(new URL(gateway.url).port);
  await t.rejects(fakeGateway({ port }).serve(), { code: 'HTTP_ADDRESS' });
});
