import OpenAI from 'openai';
import t from 'tap';
import { Bench, type Event } from '../lib/nexus.ts';

const model = 'austen-3.7m';
const TALE = 'Elizabeth walked home and thought of everything that had passed between them. ';

t.test('a gateway in front of a mesh', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const home = bench.home();
  const asker = bench.start(
    ['up', '--json', '--role', 'requester', '--host', bench.host, '--bootstrap', bootstrap],
    home,
    { env: { NEXUS_HTTP: '127.0.0.1:0', NEXUS_WHERE: 'mesh' } },
  );
  const executors = await Promise.all([0, 1].map(() => bench.up(bootstrap, ['-m', model])));
  const { http } = await asker.waitFor((e) => e.event === 'ready');
  for (const { key } of executors) {
    await asker.waitFor((e) => e.event === 'capability' && e.key === key);
  }
  const openai = new OpenAI({ baseURL: `${http}/v1`, apiKey: 'x', maxRetries: 0 });
  /** Asks, and tells how the executor was chosen. */
  const ask = async (messages: OpenAI.ChatCompletionMessageParam[]) => {
    const before = asker.events.length;
    const answer = await openai.chat.completions.create({ model, messages, max_tokens: 8 });
    const route = await asker.waitFor((e) => e.event === 'run-route', 30_000, before);
    return { content: answer.choices[0]!.message.content!, route };
  };

  await t.test('the next turn is expected sooner at the node that holds the conversation', async (t) => {
    const opening = { role: 'user' as const, content: TALE.repeat(25) };
    const first = await ask([opening]);
    const second = await ask([
      opening,
      { role: 'assistant', content: first.content },
      { role: 'user', content: 'And then?' },
    ]);
    const fresh = await ask([{ role: 'user', content: `Now ${TALE.repeat(25)}` }]);
    const held = waitAt(second.route, first.route.executor);
    const anew = waitAt(fresh.route, first.route.executor);
    // Both are measured times; who is asked is drawn among the best.
    t.ok(held < anew, `expected there after ${held} ms, ${anew} ms for another prompt`);
  });

  await t.test('a client that leaves cancels the job at its executor', async (t) => {
    const before = executors.map(({ running }) => running.events.length);
    const stream = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: TALE }],
      max_tokens: 800,
      // Answers may end by themselves: of so many one does not do so at once.
      n: 8,
      stream: true,
    });
    for await (const _ of stream) break;
    stream.controller.abort();
    const cancelled = (e: Event) => e.event === 'job-finished' && e.finish === 'cancelled';
    const ended = await Promise.any(
      executors.map(({ running }, i) => running.waitFor(cancelled, 30_000, before[i])),
    );
    t.ok(ended.tokens < 800);
  });

  await t.test('without anybody to ask, clients are told so', async (t) => {
    await Promise.all(executors.map(({ running }) => running.stop()));
    for (const { key } of executors) {
      await asker.waitFor((e) => e.event === 'peer-lost' && e.key === key);
    }
    const messages = [{ role: 'user' as const, content: 'x' }];
    const refused = await openai.chat.completions.create({ model, messages }).catch((e) => e);
    t.equal(refused.status, 404);
    const ready = await fetch(`${http}/ready`);
    t.equal(ready.status, 503);
  });
});

/** Milliseconds to the first token that the router expects of an executor. */
function waitAt(route: Event, executor: string): number {
  // deno-lint-ignore no-explicit-any -- an event of another process
  const candidate = route.candidates.find((c: any) => c.executor === executor);
  // deno-lint-ignore no-explicit-any -- the same
  return candidate.reasons.find((r: any) => r.name === 'first token').value;
}
