/**
 * A process that reads NVML and may do nothing else: a line comes in, a line goes out. It ends with
 * its input.
 * @module
 */
import { openNvml } from './nvml_ffi.ts';

const [path = ''] = Deno.args;
let sample: ReturnType<typeof openNvml> | null = null;
const input = Deno.stdin.readable.getReader();
const encoder = new TextEncoder();
while (true) {
  const { done, value } = await input.read();
  if (done) break;
  let said: unknown;
  try {
    sample ??= openNvml(path);
    said = sample();
  } catch (thrown) {
    said = { error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
  const asked = value.filter((byte) => byte === 10).length;
  const line = encoder.encode(`${JSON.stringify(said)}\n`);
  for (let i = 0; i < asked; i++) await Deno.stdout.write(line);
}
