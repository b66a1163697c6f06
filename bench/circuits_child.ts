/**
 * Proves one statement some times in a process of its own: `circuits_child.ts statement times`.
 * Prints JSON: times in ms, the largest resident memory in MB, public inputs and proof.
 */
import { prove, type Statement } from '../circuits/mod.ts';
import { inputsOf } from './circuits_inputs.ts';

const [statement, times] = Deno.args as [Statement, string];
const input = await inputsOf(statement);
const before = await peak();
const ms: number[] = [];
let proven = null;
for (let i = 0; i < Number(times); i++) {
  const began = performance.now();
  proven = await prove(statement, input, AbortSignal.timeout(600_000));
  ms.push(performance.now() - began);
}
const { publics, proof } = proven!;
console.log(JSON.stringify({
  ms,
  before,
  peak: await peak(),
  publics: publics.map(String),
  proof: [...proof],
}));

/** MB: as the kernel counts it on Linux, elsewhere what is resident now. */
async function peak(): Promise<number> {
  const status = await Deno.readTextFile('/proc/self/status').catch(() => '');
  const found = /VmHWM:\s*(\d+)/.exec(status);
  return found === null ? Deno.memoryUsage().rss / 1e6 : Number(found[1]) * 1024 / 1e6;
}
