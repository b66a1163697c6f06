import { NexusError } from '../../feeds/base/mod.ts';
import type { Output } from './output.ts';

/** What is read of stdin at most, bytes: far above any model's context. */
const MAX_BYTES = 8 * 1024 * 1024;
const PATIENCE_MS = 2000;

/** True if something is piped in. */
export function isPiped(): boolean {
  return !Deno.stdin.isTerminal();
}

/**
 * All of stdin as text; what is no UTF-8 becomes U+FFFD.
 * @throws {NexusError} `INPUT_TOO_LONG`
 */
export async function readStdin(out: Output, signal: AbortSignal): Promise<string> {
  let text = '';
  for await (const part of stdinText(out, signal)) {
    text += part;
    if (text.length > MAX_BYTES) {
      throw new NexusError('INPUT_TOO_LONG', `stdin holds more than ${MAX_BYTES} bytes`, {
        hint: 'send less; no model here reads as much',
      });
    }
  }
  return text;
}

/** Lines of stdin as they come, without their ends; empty ones are left out. */
export async function* stdinLines(out: Output, signal: AbortSignal): AsyncGenerator<string> {
  let rest = '';
  for await (const part of stdinText(out, signal)) {
    const lines = (rest + part).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.trim() !== '') yield line.replace(/\r$/, '');
    if (rest.length > MAX_BYTES) throw new NexusError('INPUT_TOO_LONG', 'a line is too long');
  }
  if (rest.trim() !== '') yield rest;
}

async function* stdinText(out: Output, signal: AbortSignal): AsyncGenerator<string> {
  // A pipe that nobody closes looks like a program that hangs: say what it waits for.
  const hint = !isPiped() ? undefined : setTimeout(() => {
    out.note('reading stdin; end it with Ctrl-D, or run with </dev/null').catch(() => {});
  }, PATIENCE_MS);
  const decoder = new TextDecoder();
  const reader = Deno.stdin.readable.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      clearTimeout(hint);
      if (done) break;
      yield decoder.decode(value, { stream: true });
    }
    yield decoder.decode();
  } finally {
    clearTimeout(hint);
    signal.removeEventListener('abort', stop);
    reader.releaseLock();
  }
}
