/**
 * The engine process: llama.cpp, without network and without the right to write. It speaks the
 * messages of wire.ts over stdin and stdout and ends when stdin does.
 */
import process from 'node:process';
import { splitLines } from './lines.ts';
import { EngineServer } from './server.ts';
import type { FromEngine, ToEngine } from './wire.ts';

// Whatever a library prints must not get between the messages.
console.log =
  console.info =
  console.debug =
  console.warn =
    console.error;

// A Ctrl-C reaches the whole group: the node drains its jobs first and then closes stdin.
Deno.addSignalListener('SIGINT', () => {});

const encoder = new TextEncoder();

function send(messages: FromEngine[]): void {
  let bytes = encoder.encode(messages.map((message) => JSON.stringify(message) + '\n').join(''));
  try {
    while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
  } catch {
    process.exit(0);
  }
}

// Loading it takes longer than everything else: it begins before anybody asks.
const llama = import('./llama/backend.ts');
llama.catch(() => {});

const server = new EngineServer({
  createBackend: async (options) => {
    const { createLlamaBackend } = await llama;
    return await createLlamaBackend({ ...options, log: (line) => console.error(line) });
  },
  send,
  now: () => performance.now(),
});

Deno.unrefTimer(setInterval(() => void server.tick(), 1000));

for await (const line of splitLines(Deno.stdin.readable)) {
  void server.handle(JSON.parse(line) as ToEngine);
}
// At once: the system frees what the models took faster than an orderly end would.
process.exit(0);
