import { NexusError, readLines } from '../../feeds/base/mod.ts';

/** Longest line, in bytes, that either end takes: a prompt fits, a flood does not. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/**
 * What both ends say to each other, a message a line.
 * @throws {NexusError} `CONTROL_LINE_TOO_LONG` beyond 16 MiB
 */
export function controlLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  return readLines(
    stream,
    MAX_LINE_BYTES,
    (bytes) =>
      new NexusError('CONTROL_LINE_TOO_LONG', `a message is longer than ${bytes} bytes`, {
        hint: 'send a shorter prompt',
      }),
  );
}

/** One JSON value as a line. */
export function toLine(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
