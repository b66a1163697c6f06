import { concatBytes, NexusError } from '../../feeds/base/mod.ts';

/** Longest line, in bytes, that either end takes: a prompt fits, a flood does not. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

/**
 * Lines of a byte stream, decoded as UTF-8, without their ends.
 * @throws {NexusError} `CONTROL_LINE_TOO_LONG` beyond {@link MAX_LINE_BYTES}
 */
export async function* readLines(
  readable: ReadableStream<Uint8Array>,
  maxBytes: number = MAX_LINE_BYTES,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let parts: Uint8Array[] = [], held = 0;
  for await (let chunk of readable) {
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10)) {
      parts.push(chunk.subarray(0, end));
      yield decoder.decode(concatBytes(...parts));
      parts = [];
      held = 0;
      chunk = chunk.subarray(end + 1);
    }
    held += chunk.length;
    if (held > maxBytes) {
      throw new NexusError('CONTROL_LINE_TOO_LONG', `a message is longer than ${maxBytes} bytes`, {
        hint: 'send a shorter prompt',
      });
    }
    if (chunk.length > 0) parts.push(chunk.slice());
  }
}

/** One JSON value as a line. */
export function toLine(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
