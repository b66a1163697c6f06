import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import t from 'tap';
import { Bench, type Event } from '../lib/nexus.ts';

const run = promisify(execFile);
// Not a literal: its types are too deep for Deno's checker.
const AI: string = 'ai';
const model = 'austen-3.7m';
const messages = [{ role: 'user' as const, content: 'Elizabeth walked home' }];

t.test('clients that others wrote speak to a node', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const home = bench.home();
  // Alone: who serves it is told by its own readiness.
  const nobody = ['--host', bench.host, '--bootstrap', `${bench.host}:9`];
  const up = bench.start(['up', '-m', model, '--json', '--http', '127.0.0.1:0', ...nobody], home);
  const { http } = await up.waitFor((e) => e.event === 'ready');
  t.match(http, /^http:\/\/127\.0\.0\.1:\d+$/);
  const baseURL = `${http}/v1`;
  const openai = new OpenAI({ baseURL, apiKey: 'none needed', maxRetries: 0 });

  await t.test('openai: whole answers, and the same ones as `nexus run`', async (t) => {
    const asked = { model, messages, max_tokens: 12, seed: 255 };
    const { data, response } = await openai.chat.completions.create(asked).withResponse();
    const text = data.choices[0]!.message.content;
    t.equal(data.usage?.completion_tokens, 12);
    t.equal(data.choices[0]!.finish_reason, 'length');
    const again = await bench.run(
      ['run', messages[0]!.content, '-m', model, '-n', '12', '--seed', 'ff', '--json'],
      home,
    );
    t.equal(text, again.events.at(-1)!.text);
    const job = response.headers.get('x-nexus-receipt');
    const file = join(home, 'a.receipt');
    writeFileSync(file, await (await fetch(`${http}/v1/receipts/${job}`)).text());
    const verified = await bench.run(['verify', file, '--rerun', '--json'], home);
    t.equal(verified.code, 0, verified.stderr);
    t.match(verified.events.find((e) => e.event === 'rerun'), { ok: true, tokens: 12 });
    const legacy = await openai.completions.create({ model, prompt: ['It is a', 'She'], n: 2 });
    t.same(legacy.choices.map(({ index }) => index), [0, 1, 2, 3]);
    t.ok(legacy.choices.every(({ text }) => text.length > 0));
    t.same((await openai.models.list()).data.map(({ id }) => id), [model]);
    t.equal((await openai.models.retrieve(model)).id, model);
  });

  await t.test('openai: streams, with usage and stop', async (t) => {
    const stream = await openai.chat.completions.create({
      model,
      messages,
      max_tokens: 40,
      seed: 1,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '', chunks = 0, usage = null, receipt = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      chunks++;
      usage = chunk.usage ?? usage;
      receipt = (chunk as { nexus?: { receipt: string } }).nexus?.receipt ?? receipt;
    }
    t.ok(chunks > 5, 'in pieces');
    t.ok(usage!.completion_tokens > 5 && usage!.completion_tokens <= 40);
    t.match(receipt, /^\/v1\/receipts\/[0-9a-f]{64}$/);
    const stop = text.split(' ')[4]!;
    const stopped = await openai.chat.completions
      .stream({ model, messages, max_tokens: 40, seed: 1, stop: [` ${stop}`] })
      .finalChatCompletion();
    t.equal(stopped.choices[0]!.finish_reason, 'stop');
    t.ok(text.startsWith(stopped.choices[0]!.message.content!));
    t.notMatch(stopped.choices[0]!.message.content, ` ${stop}`);
  });

  await t.test('openai: errors are of the right class', async (t) => {
    const ask = (more: object) =>
      openai.chat.completions.create({ model, messages, ...more } as never);
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const unsupported = await caught(ask({ tools }));
    t.ok(unsupported instanceof BadRequestError);
    t.match(unsupported, { param: 'tools', code: 'unsupported_parameter' });
    t.ok(await caught(ask({ model: 'gpt-4' })) instanceof NotFoundError);
    const content = 'word '.repeat(2000);
    const long = await caught(ask({ messages: [{ role: 'user', content }] }));
    t.match(long, { status: 400, code: 'context_length_exceeded' });
    t.match(await caught(openai.embeddings.create({ model, input: 'x' })), { status: 404 });
  });

  await t.test('openai: aborting ends the job', async (t) => {
    const before = up.events.length;
    const stream = await openai.chat.completions.create({
      model,
      messages,
      max_tokens: 800,
      // Answers may end by themselves: of so many one does not do so at once.
      n: 8,
      stream: true,
    });
    for await (const _ of stream) break;
    stream.controller.abort();
    const cancelled = (e: Event) => e.event === 'job-finished' && e.finish === 'cancelled';
    t.ok((await up.waitFor(cancelled, 30_000, before)).tokens < 800);
  });

  await t.test('the AI SDK, whole and streamed', async (t) => {
    const { generateText, streamText } = await import(AI);
    const provider = createOpenAICompatible({ name: 'nexus', baseURL, includeUsage: true });
    const asked = { model: provider(model), prompt: 'It is', maxOutputTokens: 10, seed: 5 };
    const whole = await generateText(asked);
    t.equal(whole.usage.outputTokens, 10);
    const streamed = streamText(asked);
    let text = '';
    for await (const piece of streamed.textStream) text += piece;
    t.equal(text, whole.text);
    t.equal((await streamed.usage).outputTokens, 10);
    const unknown = generateText({ ...asked, model: provider('gpt-4'), maxRetries: 0 });
    t.match(await caught(unknown), { statusCode: 404 });
  });

  const has = await run('curl', ['--version']).then(() => true, () => false);
  await t.test('curl', { skip: has ? false : 'curl is not installed' }, async (t) => {
    const body = JSON.stringify({ model, messages, max_tokens: 5, stream: true });
    const json = ['-H', 'content-type: application/json'];
    const { stdout } = await run('curl', [
      '-sN',
      `${baseURL}/chat/completions`,
      ...json,
      '-d',
      body,
    ]);
    t.match(stdout, /^data: \{.*data: \[DONE\]\n\n$/s);
    const big = join(home, 'big');
    writeFileSync(big, Buffer.alloc(10_000_000, 'a'));
    for (const more of [[], ['-H', 'transfer-encoding: chunked'], ['-H', 'expect:']]) {
      const args = ['-s', '-w', '%{http_code}', ...json, ...more, '--data-binary', `@${big}`];
      const sent = await run('curl', [...args, `${baseURL}/chat/completions`]);
      t.match(sent.stdout, /"code":"body_too_large"\}\}413$/);
    }
    const garbage = ['-s', '-w', '%{http_code}', '-H', `x: ${'a'.repeat(30_000)}`];
    t.match((await run('curl', [...garbage, `${baseURL}/models`])).stdout, /431$/);
  });

  t.equal((await fetch(`${http}/ready`)).status, 200, 'and the node is unharmed');
  const { signal, code } = await up.stop();
  t.same([signal, code], [null, 0]);
});

/** What a promise is rejected with. */
async function caught(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}
