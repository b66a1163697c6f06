import { NexusError } from '../../feeds/base/mod.ts';
import type { Sink } from './output.ts';
import { wantsColor } from './text.ts';

interface Stream {
  write(bytes: Uint8Array): Promise<number>;
  isTerminal(): boolean;
}

/**
 * A sink on one of Deno's standard streams. Writes keep their order; once the reader has gone every
 * write fails with `PIPE_CLOSED`.
 * @param onClosed called once when the reader has gone
 */
export function sinkOf(
  stream: Stream,
  env: Record<string, string | undefined>,
  onClosed: () => void,
): Sink {
  const terminal = stream.isTerminal();
  const encoder = new TextEncoder();
  let last: Promise<void> = Promise.resolve();
  let closed = false;
  const writeAll = async (text: string) => {
    const bytes = encoder.encode(text);
    try {
      if (closed) throw new Deno.errors.BrokenPipe();
      for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
    } catch (cause) {
      if (!(cause instanceof Deno.errors.BrokenPipe)) {
        throw new NexusError('OUTPUT_FAILED', 'the output cannot be written', {
          hint: 'is the disk full? send it elsewhere',
          cause,
        });
      }
      if (!closed) {
        closed = true;
        onClosed();
      }
      throw new NexusError('PIPE_CLOSED', 'nobody reads the output any more', { cause });
    }
  };
  return {
    terminal,
    color: wantsColor(env, terminal),
    // Asked again each time: a terminal is resized.
    get columns() {
      return terminal ? consoleColumns() : Infinity;
    },
    write(text) {
      const done = last.then(() => writeAll(text));
      last = done.catch(() => {});
      return done;
    },
  };
}

function consoleColumns(): number {
  try {
    return Deno.consoleSize().columns || Infinity;
  } catch {
    return Infinity;
  }
}
