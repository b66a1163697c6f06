import { concatBytes } from './bytes.ts';

/**
 * Lines of a byte stream, decoded as UTF-8, without their ends. A last line without end is dropped.
 * @param tooLong makes what is thrown where a line is longer than `maxBytes`
 */
export async function* readLines(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  tooLong: (maxBytes: number) => Error,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let parts: Uint8Array[] = [], held = 0;
  for await (let chunk of stream) {
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10)) {
      parts.push(chunk.subarray(0, end));
      yield decoder.decode(concatBytes(...parts));
      parts = [];
      held = 0;
      chunk = chunk.subarray(end + 1);
    }
    held += chunk.length;
    if (held > maxBytes) throw tooLong(maxBytes);
    if (chunk.length > 0) parts.push(chunk.slice());
  }
}
