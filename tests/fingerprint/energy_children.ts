/** Reads a folder of counters and a library, through the processes that may, and prints what they say. */
import {
  nvmlReader,
  nvmlSource,
  powercapReader,
  raplSource,
} from '../../fingerprint/energy/mod.ts';

const [folder = '', library = ''] = Deno.args;
const tick = () => performance.now();
const said: Record<string, unknown> = {};
const reader = await powercapReader('node', folder);
said.outside = await reader.read(['../secret']).then(() => 'read', (error) => error.code);
const rapl = await raplSource(reader, tick);
if ('info' in rapl) {
  said.rapl = { ...rapl.info, ...await rapl.read() };
  await rapl[Symbol.asyncDispose]();
}
if (library !== '') {
  const nvml = await nvmlSource(nvmlReader(library), tick);
  if ('info' in nvml) {
    const [a, b] = [await nvml.read(), await nvml.read()];
    said.nvml = { ...nvml.info, grew: b.joules > a.joules };
    await nvml[Symbol.asyncDispose]();
  }
  said.other = await nvmlSource(nvmlReader(folder), tick);
}
console.log(JSON.stringify(said));
