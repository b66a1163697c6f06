import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, NexusError } from '../base/mod.ts';
import { Link, type LinkHandlers } from '../wire/mod.ts';
import { SOCKET_PREFIX, sweep } from './sweep.ts';

const BOOT = fileURLToPath(new URL('../service/boot.mjs', import.meta.url));
/** What is kept is small, what is dropped is much: the collector is not to put it off. Megabytes. */
const LEAN_V8 = [
  '--max-semi-space-size=2',
  '--initial-old-space-size=16',
  '--heap-growing-percent=50',
];
/** glibc keeps a pool a thread and what was freed. */
const LEAN_MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };
/** A cold cache bundles first. */
const CONNECT_MS = 20_000;
const STDERR_BYTES = 8192;

export interface ChildOptions {
  program: 'feeds' | 'dht';
  /** Path of the Node binary. */
  node: string;
  /** Where a bundle may be kept if node_modules is not writable. */
  cache?: string;
}

/** A Node process of ours: its link, and its end. */
export interface Child {
  readonly link: Link;
  readonly pid: number;
  /** Resolves with a sentence when the process is gone. */
  readonly ended: Promise<string>;
  kill(signal: Deno.Signal): void;
}

/**
 * Starts a Node process and waits for it to connect. The socket lies in a folder that only this
 * user can enter; the process ends by itself when this one's end of its stdin closes.
 * @throws {NexusError} `NODE_NOT_FOUND`, `FEEDS_NOT_STARTED`
 */
export async function startChild(options: ChildOptions, handlers: LinkHandlers): Promise<Child> {
  const folder = await socketFolder();
  const path = Deno.build.os === 'windows'
    ? `\\\\.\\pipe\\nexus-${crypto.randomUUID()}`
    : `${folder}/s`;
  const server = createServer();
  try {
    const connected = new Promise<Socket>((resolve, reject) => {
      server.once('connection', resolve).once('error', reject);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const process = spawn(options, path);
    const complaint = tail(process.stderr);
    const ended = process.status.then(async ({ code, signal }) => {
      const why = (await complaint).trim();
      return `${signal === null ? `exit code ${code}` : signal}${why === '' ? '' : `: ${why}`}`;
    });
    const socket = await first(connected, ended);
    return {
      link: new Link(socket, handlers),
      pid: process.pid,
      ended,
      kill: (signal) => {
        try {
          process.kill(signal);
        } catch {
          // gone already
        }
      },
    };
  } finally {
    server.close();
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

/** Paths of sockets end after about 100 bytes. */
async function socketFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: SOCKET_PREFIX });
  sweep(dirname(folder)).catch(() => {}); // another user's business, or of no importance
  if (folder.length < 90 || Deno.build.os === 'windows') return folder;
  await Deno.remove(folder);
  return await Deno.makeTempDir({ prefix: SOCKET_PREFIX, dir: '/tmp' });
}

function spawn({ program, node, cache }: ChildOptions, path: string): Deno.ChildProcess {
  try {
    return new Deno.Command(node, {
      args: [...LEAN_V8, BOOT, program, path, ...(cache === undefined ? [] : [cache])],
      // Node would read all certificates at its start, 100 ms; the service knows no TLS.
      env: { ...LEAN_MALLOC, NODE_EXTRA_CA_CERTS: '' },
      stdin: 'piped',
      // Hypercore prints to stdout when it sees a conflict.
      stdout: 'null',
      stderr: 'piped',
    }).spawn();
  } catch (error) {
    throw new NexusError('NODE_NOT_FOUND', `cannot start Node (${node}): ${messageOf(error)}`, {
      hint: 'install Node 20 or newer, or name its binary',
      cause: error,
    });
  }
}

async function first(connected: Promise<Socket>, ended: Promise<string>): Promise<Socket> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('it did not connect in time'), CONNECT_MS);
  });
  const winner = await Promise.race([connected, ended, late]);
  clearTimeout(timer);
  if (typeof winner !== 'string') return winner;
  throw new NexusError('FEEDS_NOT_STARTED', `the Node process did not start: ${winner}`, {
    hint: 'run "nexus doctor"; "npm ci" mends a damaged installation',
  });
}

/** Reads a stream to its end and keeps the last of it. */
async function tail(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) {
    text = (text + decoder.decode(chunk, { stream: true })).slice(-STDERR_BYTES);
  }
  return text;
}
