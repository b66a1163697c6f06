import t from 'tap';
import fc from 'fast-check';
import { parseRunRequest } from '../../node/control/mod.ts';

const messages = [{ role: 'user', content: 'hi' }];

t.test('a request gets its defaults, and a short seed its zeros', (t) => {
  t.match(parseRunRequest({ messages }), { model: null, temperature: 0.7, topP: 1, stops: [] });
  t.equal(parseRunRequest({ messages, seed: 'AB' }).seed, 'ab'.padStart(64, '0'));
  t.same(parseRunRequest({ messages: [{ ...messages[0], extra: 1 }] }).messages, messages);
  t.end();
});

t.test('a raw prompt stands instead of messages, never beside them', (t) => {
  t.match(parseRunRequest({ prompt: '' }), { messages: [], prompt: '' });
  t.equal(parseRunRequest({ messages, prompt: null }).prompt, undefined);
  for (const request of [{ prompt: 7 }, { prompt: 'x', messages }, { prompt: ['x'] }]) {
    t.throws(() => parseRunRequest(request), { code: 'BAD_REQUEST', message: /^prompt/ });
  }
  t.end();
});

t.test('a bad field is refused by name', (t) => {
  const bad: Record<string, unknown>[] = [
    { messages: [] },
    { messages: [{ role: 'root', content: 'x' }] },
    { messages: [{ role: 'user', content: 7 }] },
    { messages: [null] },
    { messages, temperature: -1 },
    { messages, verify: 'yes' },
    { messages, temperature: NaN },
    { messages, topP: 1.1 },
    { messages, maxTokens: 1.5 },
    { messages, maxTokens: -1 },
    { messages, seed: 'xyz' },
    { messages, executor: 'ab' },
    { messages, stops: [''] },
    { messages, stops: ['\ud800'] },
    { messages, stops: 'x' },
    { messages, where: 'moon' },
  ];
  for (const request of bad) {
    const field = Object.keys(request).at(-1)!;
    t.throws(() => parseRunRequest(request), { code: 'BAD_REQUEST', message: new RegExp(field) });
  }
  fc.assert(
    fc.property(fc.anything(), (value) => {
      t.throws(() => parseRunRequest(value), { code: 'BAD_REQUEST' });
    }),
    { numRuns: 50 },
  );
  t.end();
});
