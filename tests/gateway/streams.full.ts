import { connect } from 'node:net';
import OpenAI from 'openai';
import t from 'tap';
import { Bench, memoryOf } from '../lib/nexus.ts';

const STREAMS = 200;
const DRIBBLERS = 500;
const model = 'austen-3.7m';

t.setTimeout(600_000);

t.test('many streams at once, with slow-loris beside them', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const nobody = ['--host', bench.host, '--bootstrap', `${bench.host}:9`];
  const args = ['up', '-m', model, '--json', '--http', '127.0.0.1:0', ...nobody];
  const up = bench.start(args, bench.home());
  const { http, pids } = await up.waitFor((e) => e.event === 'ready');
  const openai = new OpenAI({ baseURL: `${http}/v1`, apiKey: 'x', maxRetries: 0 });
  /** A stream to its end: its text, and what the whole answer of the same seed is. */
  const stream = async (i: number) => {
    const messages = [{ role: 'user' as const, content: `Letter ${i}.` }];
    const asked = { model, messages, max_tokens: 24, seed: i };
    const { choices: [choice] } = await openai.chat.completions.stream(asked)
      .finalChatCompletion();
    return { text: choice!.message.content, finish: choice!.finish_reason };
  };

  await t.test('none is lost', async (t) => {
    const answers = await Promise.all(Array.from({ length: STREAMS }, (_, i) => stream(i)));
    t.equal(answers.length, STREAMS);
    for (const { finish, text } of answers) {
      t.match(finish, /^(stop|length)$/);
      t.type(text, 'string');
    }
    for (const i of [0, 99, 199]) t.same(await stream(i), answers[i], 'as it is alone');
    t.notOk(up.events.some((e) => e.event === 'job-refused'), 'and none was turned away');
  });

  await t.test('connections that dribble are cut, others are answered meanwhile', async (t) => {
    const { hostname, port } = new URL(http);
    const before = memoryOf(pids.node);
    let closed = 0;
    const sockets = Array.from({ length: DRIBBLERS }, () => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {}).on('data', () => {}).on('close', () => closed++);
      socket.write('POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n');
      return socket;
    });
    const dribble = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('X-A: b\r\n');
    }, 500);
    t.teardown(() => clearInterval(dribble));
    let answered = 0;
    while (closed < DRIBBLERS) {
      await stream(answered++);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    t.ok(answered > 5, `${answered} answers meanwhile`);
    const grown = memoryOf(pids.node) - before;
    t.ok(grown < 150, `the node grew by ${grown.toFixed(0)} MB`);
  });
});
