import { cpus } from 'node:os';
import { asNexusError } from '../../feeds/base/mod.ts';
import { findNvml, libraryFolders, nvmlReader, powercapReader } from './children.ts';
import { estimateSource } from './estimate.ts';
import { nvmlSource } from './nvml.ts';
import { raplSource } from './rapl.ts';
import type { Absence, EnergySource } from './types.ts';

/** What is known of the machine. */
export interface FindOptions {
  /** Who decodes, as the engine says: `cpu`, `cuda`, `vulkan` or `metal`, and the name of the device. */
  backend: string;
  device: string;
  /** Threads that decode now. */
  threads: () => number;
  /** Path of the Node binary. */
  node: string;
}

/** A source, and why better ones are not there. */
export interface Found {
  source: EnergySource;
  absent: Absence[];
}

/**
 * The best source of this machine for what its engine decodes with: a card's own counter for a card,
 * the processor's for a processor, else an estimate.
 */
export async function findSource(options: FindOptions): Promise<Found> {
  const { backend, device, threads } = options;
  const tick = () => performance.now();
  const gpu = backend === 'cpu' ? null : device || backend;
  const best = gpu === null ? await rapl(options.node, tick) : await nvml(tick);
  if ('info' in best) return { source: best, absent: [] };
  const cpu = cpus()[0]?.model ?? '';
  return { source: estimateSource({ cpu, gpu, threads }, tick), absent: [best] };
}

async function rapl(node: string, tick: () => number): Promise<EnergySource | Absence> {
  const none = (reason: string): Absence => ({ name: 'rapl', reason, mend: null });
  if (Deno.build.os !== 'linux') return none('only Linux shows the counters of processors');
  try {
    const reader = await powercapReader(node);
    const found = await raplSource(reader, tick);
    if (!('info' in found)) await reader[Symbol.asyncDispose]();
    return found;
  } catch (thrown) {
    return none(asNexusError(thrown).message);
  }
}

async function nvml(tick: () => number): Promise<EnergySource | Absence> {
  const path = await findNvml(libraryFolders(Deno.env.get('LD_LIBRARY_PATH')));
  if (path === null) {
    return { name: 'nvml', reason: 'no driver of NVIDIA is installed', mend: null };
  }
  return await nvmlSource(nvmlReader(path), tick);
}
