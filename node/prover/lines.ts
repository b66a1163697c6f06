import { readLines } from '../../feeds/base/mod.ts';

/** A line of a message, in bytes, at most. */
const MAX_LINE = 4 * 1024 * 1024;

/** What the node and its prover say to each other, a message a line. @throws where one is too long */
export function proverLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  return readLines(stream, MAX_LINE, (bytes) => new Error(`a line is longer than ${bytes} bytes`));
}
