import fc from 'fast-check';
import t from 'tap';
import { StopFilter } from '../../node/engine/stops.ts';
import { TextAssembler } from '../../node/engine/text.ts';

/** A tokenizer whose tokens are single bytes. */
function detokenize(ids: readonly number[]): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(ids));
}

function push(text: TextAssembler, ids: readonly number[]): string {
  const { before, all } = text.push(ids);
  return text.take(detokenize(before), detokenize(all));
}

t.test('characters of several bytes are never split', (t) => {
  const text = new TextAssembler();
  const bytes = [...new TextEncoder().encode('a\u00e9\u20ac\u{1f600}z')];
  t.same(bytes.map((byte) => push(text, [byte])), [
    'a',
    '',
    '\u00e9',
    '',
    '',
    '\u20ac',
    '',
    '',
    '',
    '\u{1f600}',
    'z',
  ]);
  t.equal(text.end(), '');
  t.end();
});

t.test('an incomplete character shows at the end as U+FFFD', (t) => {
  const text = new TextAssembler();
  t.equal(push(text, [0x61, 0xf0, 0x9f]), 'a');
  t.equal(text.end(), '\ufffd');
  t.equal(text.end(), '');
  t.end();
});

t.test('any bytes, however they are cut, give the text of all of them', (t) => {
  const cuts = fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 80 });
  const valid = fc.array(fc.string({ unit: 'binary', maxLength: 3 }), { maxLength: 40 })
    .map((parts) => parts.map((part) => new TextEncoder().encode(part.toWellFormed())))
    .map((parts) => parts.flatMap((bytes) => [bytes.subarray(0, 2), bytes.subarray(2)]));
  fc.assert(fc.property(fc.oneof(valid, cuts), (parts) => {
    const text = new TextAssembler();
    const shown = parts.map((part) => push(text, [...part])).join('') + text.end();
    return shown === detokenize(parts.flatMap((part) => [...part]));
  }));
  t.end();
});

t.test('text from a stop string on is not shown, whatever might become one is held', (t) => {
  const filter = new StopFilter(['END', '\n\n']);
  t.equal(filter.push('one E'), 'one ');
  t.equal(filter.push('N'), '');
  t.equal(filter.push('T \n'), 'ENT ');
  t.equal(filter.push('two'), '\ntwo');
  t.equal(filter.stopped, false);
  t.equal(filter.push('\n\nthree'), '');
  t.equal(filter.stopped, true);
  t.equal(filter.push('four') + filter.end(), '');
  t.end();
});

t.test('what was held comes out at the end', (t) => {
  const filter = new StopFilter(['STOP']);
  t.equal(filter.push('ST'), '');
  t.equal(filter.end(), 'ST');
  t.end();
});

t.test('stop strings do not depend on how the text is cut', (t) => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 });
  const stop = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
  const stops = fc.array(stop, { maxLength: 3 });
  fc.assert(fc.property(letters, stops, fc.array(fc.nat(30)), (text, stops, cuts) => {
    const whole = new StopFilter(stops);
    const expected = whole.push(text) + whole.end();
    const parts = new StopFilter(stops);
    const at = [0, ...cuts.filter((c) => c <= text.length).sort((a, b) => a - b), text.length];
    const pieces = at.slice(1).map((end, i) => parts.push(text.slice(at[i], end)));
    return pieces.join('') + parts.end() === expected && parts.stopped === whole.stopped &&
      stops.every((stop) => !expected.includes(stop));
  }));
  t.end();
});
