/**
 * The prover process: it makes and checks proofs, one after the other, at the lowest priority. No
 * network, no writing; it reads the program, its packages, and the folder of keys that its one argument
 * names. It ends when stdin does.
 */
import os from 'node:os';
import process from 'node:process';
import { KeyRing } from '../../circuits/mod.ts';
import { answer } from './answer.ts';
import { proverLines } from './lines.ts';
import type { ToProver } from './wire.ts';

// Whatever a library prints must not get between the messages.
console.log =
  console.info =
  console.debug =
  console.warn =
    console.error;
// A Ctrl-C reaches the whole group: the node says when it is over.
Deno.addSignalListener('SIGINT', () => {});
try {
  os.setPriority(os.constants.priority.PRIORITY_LOW);
} catch {
  // A system that does not allow it: the pauses between proofs remain.
}

const keys = new KeyRing(Deno.args[0] ?? null);
const utf8 = new TextEncoder();
let done: Promise<void> = Promise.resolve();
for await (const line of proverLines(Deno.stdin.readable)) {
  done = done.then(async () => {
    const said = await answer(JSON.parse(line) as ToProver, keys, () => Deno.memoryUsage().rss);
    const bytes = utf8.encode(JSON.stringify(said) + '\n');
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  });
  done.catch(() => process.exit(1));
}
process.exit(0);
