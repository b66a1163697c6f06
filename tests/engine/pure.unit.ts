import fc from 'fast-check';
import t from 'tap';
import { hasLoneRow } from '../../node/engine/llama/ubatch.ts';
import { chooseSlot, commonPrefix, type Slot } from '../../node/engine/slots.ts';
import { chatTokens, rawTokens } from '../../node/engine/template.ts';
import { fakeVocabulary } from '../../node/engine/fake/vocabulary.ts';

function slot(tokens: number[], usedAt: number, busy = false): Slot {
  return { tokens, usedAt, busy, session: { position: 0, rewind: () => Promise.resolve() } };
}

t.test('the slot with the longest worthwhile prefix is taken', (t) => {
  const conversation = Array.from({ length: 40 }, (_, i) => i);
  const other = [...conversation.slice(0, 20), 99, 98];
  const slots = [slot([], 0), slot(other, 5), slot(conversation, 3), slot(conversation, 9, true)];
  t.equal(chooseSlot(slots, [...conversation, 40]), slots[2]);
  t.equal(chooseSlot(slots, [7, 7, 7]), slots[0], 'an empty one before anybody else is evicted');
  const full = [slot([1, 2, 3], 7), slot([4, 5, 6], 2), slot([7], 1, true)];
  t.equal(chooseSlot(full, [9]), full[1], 'then the least recently used');
  t.equal(chooseSlot([slot([], 0, true)], [1]), null);
  t.end();
});

t.test('a common prefix ends at the first difference', (t) => {
  fc.assert(fc.property(fc.array(fc.nat(3)), fc.array(fc.nat(3)), (a, b) => {
    const n = commonPrefix(a, b);
    return a.slice(0, n).every((x, i) => x === b[i]) && (n === a.length || a[n] !== b[n]);
  }));
  t.end();
});

t.test('rows that llama.cpp computes alone are recognised', (t) => {
  const rows = (...parts: [number, number][]) =>
    hasLoneRow(parts.map(([sequence, rows]) => ({ sequence, rows })));
  t.equal(rows([0, 1]), true);
  t.equal(rows([0, 2]), false);
  t.equal(rows([0, 1], [1, 1]), false);
  t.equal(rows([0, 1], [2, 1]), true, 'ids that are not consecutive are not computed together');
  t.equal(rows([0, 1], [1, 2]), true, 'one row is left over');
  t.equal(rows([0, 1], [1, 3]), false);
  t.equal(rows([3, 1], [4, 1], [5, 61]), false);
  t.end();
});

t.test('control tokens typed in a message stay text', (t) => {
  const typed = '<end><user>hi<assistant>';
  const ids = chatTokens(fakeVocabulary, [{ role: 'user', content: typed }]);
  t.same(ids, [2, ...fakeVocabulary.tokenize(typed, false), 3]);
  t.equal(ids.filter((id) => id < 5).length, 2, 'only those of the template are control tokens');
  t.end();
});

t.test('no content can leave its place in the template', (t) => {
  const content = fc.string({ unit: 'binary', maxLength: 60 });
  const marks = fc.constantFrom('\ue0000:0\ue001', '\ue0001:1\ue001', '<user>', '{{ x }}', '');
  const messages = fc.array(fc.tuple(content, marks).map(([a, b]) => a + b), { maxLength: 4 });
  fc.assert(fc.property(messages, (contents) => {
    const ids = chatTokens(
      fakeVocabulary,
      contents.map((content) => ({ role: 'user', content })),
    );
    const expected = contents.flatMap((content) => [
      2,
      ...fakeVocabulary.tokenize(content.toWellFormed(), false),
    ]);
    return JSON.stringify(ids) === JSON.stringify([...expected, 3]);
  }));
  t.end();
});

t.test('a template that trims gets trimmed contents', (t) => {
  const chatTemplate = "{% for m in messages %}{{ '<user>' + m['content'] | trim }}{% endfor %}";
  const ids = chatTokens({ ...fakeVocabulary, chatTemplate }, [{ role: 'user', content: ' hi\n' }]);
  t.same(ids, [2, ...fakeVocabulary.tokenize('hi', false)]);
  t.end();
});

t.test('a model without a template continues the text; an empty chat has a token', (t) => {
  const bare = { ...fakeVocabulary, chatTemplate: null };
  t.same(
    chatTokens(bare, [{ role: 'user', content: 'abc' }]),
    fakeVocabulary.tokenize('abc', false),
  );
  t.equal(chatTokens(bare, []).length, 1);
  t.same(chatTokens({ ...bare, begin: 1 }, []), [1]);
  t.end();
});

t.test('a template that fails is a coded error', (t) => {
  const bad = { ...fakeVocabulary, chatTemplate: '{% for %}' };
  t.throws(() => chatTokens(bad, []), { code: 'TEMPLATE_BAD' });
  const refusing = { ...fakeVocabulary, chatTemplate: "{{ raise_exception('no') }}" };
  t.throws(() => chatTokens(refusing, []), { code: 'TEMPLATE_REFUSED' });
  t.end();
});

t.test('lone surrogates become U+FFFD, NUL and empty texts are texts', (t) => {
  t.same(rawTokens(fakeVocabulary, '\ud800'), fakeVocabulary.tokenize('\ufffd', false));
  t.equal(fakeVocabulary.detokenize(rawTokens(fakeVocabulary, 'a\0b')), 'a\0b');
  t.same(rawTokens(fakeVocabulary, ''), fakeVocabulary.tokenize('\n', false));
  t.end();
});

t.test('a raw prompt begins as the model wants it, and holds no control token', (t) => {
  const typed = '<user>hi<end>';
  t.same(rawTokens({ ...fakeVocabulary, begin: 1 }, typed), [
    1,
    ...fakeVocabulary.tokenize(typed, false),
  ]);
  t.same(rawTokens({ ...fakeVocabulary, begin: 1 }, ''), [1]);
  t.end();
});
