import t from 'tap';
import { Pace, type Stretch } from '../../node/job/pace.ts';

/** Reads messages of `[gap before it, tokens, what the reader then takes]`, milliseconds. */
function measure(messages: [number, number, number][]): Stretch[] {
  const pace = new Pace();
  const found: Stretch[] = [];
  let now = 1000;
  for (const [gap, tokens, reader] of messages) {
    now += gap;
    const stretch = pace.read(now, tokens);
    if (stretch !== null) found.push(stretch);
    now += reader;
    pace.asked(now, reader);
  }
  const rest = pace.rest();
  return rest === null ? found : [...found, rest];
}

const rate = (found: Stretch[]) =>
  found.reduce((sum, { tokens }) => sum + tokens, 0) /
  found.reduce((sum, { ms }) => sum + ms, 0) * 1000;

t.test('bursts have the pace of the whole', (t) => {
  const bursts: [number, number, number][] = Array.from(
    { length: 60 },
    (_, i) => [i % 4 === 0 ? 100 : 0.1, 1, 0],
  );
  const found = measure(bursts);
  t.ok(found.length > 2);
  t.ok(rate(found) > 36 && rate(found) < 44, `${rate(found)} of 40 tokens/s`);
  t.end();
});

t.test('what piled up behind a slow reader does not count', (t) => {
  const message = (i: number): [number, number, number] => {
    if (i % 40 === 20) return [10, 1, 3000];
    // Credit let 16 tokens pile up: they come at once.
    return i % 40 > 20 && i % 40 <= 36 ? [0.05, 1, 0] : [10, 1, 0];
  };
  const found = measure(Array.from({ length: 400 }, (_, i) => message(i)));
  t.ok(found.length > 0);
  t.ok(rate(found) > 90 && rate(found) < 110, `${rate(found)} of 100 tokens/s`);
  t.end();
});

t.test('a short answer is measured too, a word is not', (t) => {
  t.same(measure([[50, 1, 0], [5, 1, 0]]), []);
  const found = measure(Array.from({ length: 20 }, () => [5, 1, 0]));
  t.equal(found.length, 1);
  t.ok(rate(found) > 190 && rate(found) < 210, `${rate(found)} of 200 tokens/s`);
  t.end();
});
