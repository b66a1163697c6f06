/** Cuts a byte stream into lines of UTF-8, without their ends. A last line without end is dropped. */
export async function* splitLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  for await (const bytes of stream) {
    const parts = decoder.decode(bytes, { stream: true }).split('\n');
    for (let i = 0; i < parts.length - 1; i++) {
      rest.push(parts[i]!);
      yield rest.join('');
      rest = [];
    }
    if (parts.at(-1) !== '') rest.push(parts.at(-1)!);
  }
}
