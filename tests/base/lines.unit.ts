import t from 'tap';
import fc from 'fast-check';
import { NexusError, readLines } from '../../feeds/base/mod.ts';

const tooLong = (bytes: number) => new NexusError('LINE_TOO_LONG', `more than ${bytes}`);

async function linesOf(chunks: readonly Uint8Array[], maxBytes = 1000): Promise<string[]> {
  const lines: string[] = [];
  const stream = ReadableStream.from(chunks) as ReadableStream<Uint8Array>;
  for await (const line of readLines(stream, maxBytes, tooLong)) lines.push(line);
  return lines;
}

t.test('lines do not depend on where the stream is cut', async (t) => {
  const line = fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) =>
    text.replaceAll('\n', '')
  );
  await fc.assert(fc.asyncProperty(fc.array(line), fc.array(fc.nat(40)), async (lines, cuts) => {
    const bytes = new TextEncoder().encode(lines.map((one) => `${one}\n`).join('') + 'no end');
    const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
    const chunks = at.slice(1).map((end, i) => bytes.slice(at[i], end));
    const read = lines.map((one) => new TextDecoder().decode(new TextEncoder().encode(one)));
    t.strictSame(await linesOf(chunks), read);
  }));
});

t.test('a line without end is held up to a bound', async (t) => {
  const part = new Uint8Array(10).fill(97);
  t.strictSame(await linesOf([part, part], 20), []);
  await t.rejects(linesOf([part, part], 19), { code: 'LINE_TOO_LONG' });
});
