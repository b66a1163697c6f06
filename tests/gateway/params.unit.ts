import fc from 'fast-check';
import t from 'tap';
import { ApiError } from '../../node/gateway/errors.ts';
import { parseChat, parseCompletion } from '../../node/gateway/prompts.ts';
import { nonceOf } from '../../node/gateway/sampling.ts';

const messages = [{ role: 'user', content: 'hi' }];
const chat = (more: Record<string, unknown> = {}) => parseChat({ model: 'm', messages, ...more });
const complete = (more: Record<string, unknown> = {}) =>
  parseCompletion({ model: 'm', prompt: 'It is', ...more });

t.test('a request becomes one run an answer, with its sampling', (t) => {
  const asked = chat({
    messages: [
      { role: 'developer', content: 'be brief' },
      { role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }] },
      { role: 'assistant', content: 'c', refusal: null, tool_calls: [] },
    ],
    n: 2,
    seed: 255,
    temperature: 0.5,
    top_p: 0.9,
    max_completion_tokens: 7,
    stop: 'x',
  });
  t.equal(asked.runs.length, 2);
  t.match(asked.runs[0], {
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'ab' },
      { role: 'assistant', content: 'c' },
    ],
    temperature: 0.5,
    topP: 0.9,
    maxTokens: 7,
    stops: ['x'],
    seed: 'ff'.padStart(64, '0'),
  });
  t.not(asked.runs[1]!.seed, asked.runs[0]!.seed, 'answers differ');
  t.end();
});

t.test('raw prompts are gone on from, each with its answers', (t) => {
  const asked = complete({ prompt: ['a', 'b'], n: 2, seed: 1 });
  t.same(asked.runs.map(({ prompt }) => prompt), ['a', 'a', 'b', 'b']);
  t.ok(asked.runs.every((run) => run.messages.length === 0 && run.maxTokens === 16));
  t.equal(new Set(asked.runs.map(({ seed }) => seed)).size, 4);
  t.end();
});

t.test('what asks for nothing is no hindrance', (t) => {
  t.doesNotThrow(() =>
    chat({
      n: 1,
      stop: null,
      stream: false,
      stream_options: null,
      seed: null,
      user: 'me',
      metadata: { a: 'b' },
      store: false,
      tools: [],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      functions: null,
      logit_bias: {},
      logprobs: false,
      top_logprobs: null,
      response_format: { type: 'text' },
      presence_penalty: 0,
      frequency_penalty: 0,
      modalities: ['text'],
      service_tier: 'auto',
      max_tokens: 4,
      max_completion_tokens: 4,
    })
  );
  t.doesNotThrow(() => complete({ echo: false, suffix: null, best_of: 1, logprobs: null }));
  t.end();
});

t.test('what is not supported is refused by its name', (t) => {
  const tool = { type: 'function', function: { name: 'f' } };
  const refused: Record<string, unknown> = {
    tools: [tool],
    tool_choice: 'required',
    functions: [{ name: 'f' }],
    logit_bias: { 1: 5 },
    logprobs: true,
    top_logprobs: 2,
    response_format: { type: 'json_object' },
    presence_penalty: 0.1,
    frequency_penalty: -1,
    modalities: ['text', 'audio'],
    audio: { voice: 'x' },
    prediction: { type: 'content' },
    reasoning_effort: 'high',
    web_search_options: {},
    store: true,
  };
  for (const [name, value] of Object.entries(refused)) {
    throws(t, () => chat({ [name]: value }), { param: name, code: 'unsupported_parameter' });
  }
  for (
    const [name, value] of Object.entries({ echo: true, suffix: 'x', best_of: 2, logprobs: 0 })
  ) {
    throws(t, () => complete({ [name]: value }), { param: name, code: 'unsupported_parameter' });
  }
  throws(t, () => complete({ prompt: [1, 2] }), { param: 'prompt', code: 'unsupported_parameter' });
  const parts: [unknown, string][] = [
    [{ role: 'tool', content: 'x', tool_call_id: 'y' }, 'messages[0].role'],
    [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }, 'messages[0].content[0]'],
    [{ role: 'user', content: 'x', name: 'me' }, 'messages[0].name'],
    [{ role: 'assistant', content: 'x', tool_calls: [{}] }, 'messages[0].tool_calls'],
  ];
  for (const [message, path] of parts) {
    const error = caught(() => chat({ messages: [message] }));
    t.equal(error.code, 'unsupported_parameter');
    t.ok(error.param?.startsWith(path), `${error.param}`);
  }
  t.end();
});

t.test('wrong values are refused by name', (t) => {
  const wrong: Record<string, unknown[]> = {
    model: [null, 5, ''],
    messages: [null, 'hi', [], [null], [{ role: 'root', content: '' }], [{ role: 'user' }]],
    n: [0, 1.5, 17, '2'],
    stop: [5, [''], [5], Array(17).fill('x'), ['x'.repeat(300)], ['\ud800']],
    seed: ['7', 1.5, 2 ** 53, true],
    temperature: [-1, 2.1, '1'],
    top_p: [-0.1, 1.1],
    max_tokens: [0, -1, 1.5, '5'],
    max_completion_tokens: [0],
    stream: ['yes', 1],
    stream_options: [{ include_usage: true }, 5],
    user: [5],
    metadata: [[], 'x'],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const error = caught(() => chat({ [name]: value }));
      t.ok(error.param?.startsWith(name), `${name} ${JSON.stringify(value)}: ${error.param}`);
      t.equal(error.status, 400);
    }
  }
  throws(t, () => chat({ max_tokens: 4, max_completion_tokens: 5 }), { param: 'max_tokens' });
  throws(t, () => chat({ foo: null }), { param: 'foo', code: 'unknown_parameter' });
  throws(t, () => parseChat(JSON.parse('{"__proto__":{"model":"m"}}')), { param: '__proto__' });
  for (const prompt of [null, {}, [], ['x', 5], Array(17).fill('x')]) {
    throws(t, () => complete({ prompt }), { param: 'prompt' });
  }
  throws(t, () => complete({ prompt: ['a', 'b'], n: 9 }), { param: 'n' });
  const more = { stream: true, stream_options: { include_usage: true, other: 1 } };
  throws(t, () => chat(more), { param: 'stream_options.other', code: 'unknown_parameter' });
  t.end();
});

t.test('seeds have nonces of their own, and the plain one is that of the command line', (t) => {
  t.equal(nonceOf(null, 0), null);
  t.equal(nonceOf(7, 0), '7'.padStart(64, '0'));
  t.equal(nonceOf(-1, 0), 'f'.repeat(16).padStart(64, '0'));
  const seed = fc.maxSafeInteger(), answer = fc.nat(15);
  fc.assert(fc.property(seed, answer, seed, answer, (a, i, b, j) => {
    const one = nonceOf(a, i)!, other = nonceOf(b, j)!;
    return /^[0-9a-f]{64}$/.test(one) && (one === other) === (a === b && i === j);
  }));
  t.end();
});

function caught(work: () => unknown): ApiError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
}

function throws(
  t: Pick<typeof import('tap')['default'], 'match'>,
  work: () => unknown,
  expected: Record<string, unknown>,
): void {
  t.match(caught(work), { status: 400, ...expected });
}
