import t from 'tap';
import fc from 'fast-check';
import { Wrap } from '../../node/cli/wrap.ts';

/** A text that comes in pieces, wrapped. */
function wrapped(pieces: readonly string[], width: number, indent = '  '): string {
  const wrap = new Wrap(width, indent);
  return pieces.map((piece) => wrap.push(piece)).join('') + wrap.flush();
}

t.test('however a text comes, its words stay whole and within the width', (t) => {
  const word = fc.stringMatching(/^[a-z,.]{1,12}$/);
  fc.assert(
    fc.property(
      fc.array(word),
      fc.integer({ min: 20, max: 60 }),
      fc.infiniteStream(fc.nat(5)),
      (words, width, cuts) => {
        const text = words.join(' ');
        const pieces: string[] = [];
        for (let at = 0; at < text.length;) {
          const length = 1 + cuts.next().value!;
          pieces.push(text.slice(at, at + length));
          at += length;
        }
        const out = wrapped(pieces, width);
        const lines = out.split('\n');
        t.same(out.split(/\s+/).filter((part) => part !== ''), words);
        if (lines.some((line) => line.length > width)) throw new Error(`too long: ${out}`);
        if (words.length > 0 && lines.some((line) => !/^ {2}\S/.test(line))) {
          throw new Error(`not indented: ${out}`);
        }
        return wrapped([text], width) === out;
      },
    ),
    { numRuns: 60 },
  );
  t.end();
});

t.test('a remark comes after the word that it falls into', (t) => {
  const wrap = new Wrap(40, '');
  const out = wrap.push('one tw') + wrap.mark('\u001b[31m[lost]\u001b[39m') +
    wrap.push('o three ') +
    wrap.mark('[end]') + wrap.flush();
  t.equal(out, 'one two \u001b[31m[lost]\u001b[39m three [end]');
  t.end();
});

t.test('lines of the text stay lines', (t) => {
  t.equal(wrapped(['a', 'b\n', '\n  c'], 40), '  ab\n  c');
  t.equal(wrapped(['\n', 'a'], 40), '  a', 'an empty first line is none');
  t.end();
});
