import type { Engine } from '../engine/mod.ts';
import { label } from '../network/mod.ts';
import { printable } from './announcement.ts';

/** What the machine says of its hardware: a claim. */
export async function hardwareName(engine: Engine): Promise<string> {
  const { backend, device, memory } = await engine.info();
  const gigabytes = (memory.total / 1e9).toFixed(0);
  const cores = `${navigator.hardwareConcurrency} cores`;
  return printable(`${backend} ${device}, ${cores}, ${gigabytes} GB`);
}

/** How this machine calls itself towards peers. */
export function machineName(): string {
  try {
    return label(Deno.hostname());
  } catch {
    return 'unnamed';
  }
}

/** Bootstrap nodes as the feeds take them; null for the public ones. */
export function bootstrapOf(
  list: readonly string[] | null,
): { host: string; port: number }[] | null {
  return list === null ? null : list.map((entry) => {
    const at = entry.lastIndexOf(':');
    const host = entry.slice(0, at).replace(/^\[(.*)\]$/, '$1');
    return { host, port: Number(entry.slice(at + 1)) };
  });
}
