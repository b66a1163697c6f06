import type { Engine } from '../engine/mod.ts';
import { printable } from './announcement.ts';

/** What the machine says of its hardware: a claim. */
export async function hardwareName(engine: Engine): Promise<string> {
  const { backend, device, memory } = await engine.info();
  const gigabytes = (memory.total / 1e9).toFixed(0);
  const cores = `${navigator.hardwareConcurrency} cores`;
  return printable(`${backend} ${device}, ${cores}, ${gigabytes} GB`);
}
