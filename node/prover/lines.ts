/** A line of a message, at most. */
const MAX_LINE = 4 * 1024 * 1024;

/** Cuts a byte stream into lines of UTF-8, without their ends. @throws where a line is too long */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of stream) {
    rest += decoder.decode(bytes, { stream: true });
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield rest.slice(0, end);
      rest = rest.slice(end + 1);
    }
    if (rest.length > MAX_LINE) throw new Error('a line is too long');
  }
}
