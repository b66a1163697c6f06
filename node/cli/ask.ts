/**
 * Asks a person on the terminal.
 * @returns what was typed, trimmed; null at the end of the input
 */
export async function ask(question: string, signal: AbortSignal): Promise<string | null> {
  await Deno.stderr.write(new TextEncoder().encode(question));
  return await readLine(signal);
}

/** One line of stdin, at most 4 KiB; null at its end. */
export async function readLine(signal: AbortSignal): Promise<string | null> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const bytes = new Uint8Array(4096);
  let length = 0;
  while (length < bytes.length) {
    const read = await Promise.race([Deno.stdin.read(bytes.subarray(length)), aborted]);
    if (read === null) break;
    length += read;
    if (bytes.subarray(0, length).includes(10)) break;
  }
  if (length === 0) return null;
  return new TextDecoder().decode(bytes.subarray(0, length)).split('\n')[0]!.trim();
}
