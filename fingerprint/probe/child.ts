/**
 * The probe process: computes what challengers ask for, without files, network or environment, and
 * behind everything else that the machine does. It speaks the messages of wire.ts over stdin and
 * stdout and ends when stdin does.
 */
import { cpus, setPriority } from 'node:os';
import process from 'node:process';
import { frameOf, splitFrames } from './frames.ts';
import { ProbeServer } from './server.ts';
import type { ToProbe } from './wire.ts';

const LOWEST = 19;

// A Ctrl-C reaches the whole group: the node closes stdin when it is done.
Deno.addSignalListener('SIGINT', () => {});
try {
  // Threads inherit it: it comes before any is started.
  if (!Deno.args.includes('--normal-priority')) setPriority(0, LOWEST);
} catch {
  // Not allowed here: then the node's own rule has to do, to challenge only while idle.
}

const threads = Number(Deno.args.find((arg) => arg.startsWith('--threads='))?.slice(10));
const server = new ProbeServer(
  Math.max(1, threads || navigator.hardwareConcurrency),
  cpus()[0]?.model ?? 'processor',
);

for await (const message of splitFrames(Deno.stdin.readable)) {
  let bytes = frameOf(await server.handle(message as ToProbe));
  try {
    while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
  } catch {
    break;
  }
}
process.exit(0);
