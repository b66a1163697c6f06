import { NexusError } from '../../feeds/base/mod.ts';

/** Diagnostics that are kept, characters. */
const KEPT = 1000;

/** What we use of a child process. */
export interface ProverChild {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly status: Promise<unknown>;
  readonly pid: number;
  kill(signal: 'SIGKILL'): void;
}

/** Ends a process at once. */
export function killed(child: ProverChild): void {
  try {
    child.kill('SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** The end of what a process says. */
export async function tail(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const bytes of stream) text = (text + decoder.decode(bytes)).slice(-KEPT);
  } catch {
    // The end of the process says more.
  }
  return text;
}

export function lost(code: string, message: string, cause?: unknown): NexusError {
  return new NexusError(code, message, {
    stage: 'prove',
    hint:
      'proofs are made again by themselves; nexus doctor says whether this machine is short of memory',
    ...(cause === undefined ? {} : { cause }),
  });
}
