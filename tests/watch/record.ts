// Prints the recording of a folder, an event a line.
import { recordOf } from '../../node/record/mod.ts';

for await (const event of recordOf(Deno.args[0]!, new AbortController().signal)) {
  console.log(JSON.stringify(event));
}
