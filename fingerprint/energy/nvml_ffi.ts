import type { NvmlSample } from './nvml.ts';

/**
 * Source: nvml.h of the CUDA toolkit; all functions return 0 where they have succeeded. Handles go as
 * numbers: to make pointers takes the permission for all libraries.
 */
const SYMBOLS = {
  nvmlInit_v2: { parameters: [], result: 'i32' },
  nvmlDeviceGetCount_v2: { parameters: ['buffer'], result: 'i32' },
  nvmlDeviceGetHandleByIndex_v2: { parameters: ['u32', 'buffer'], result: 'i32' },
  nvmlDeviceGetName: { parameters: ['u64', 'buffer', 'u32'], result: 'i32' },
  nvmlDeviceGetTotalEnergyConsumption: { parameters: ['u64', 'buffer'], result: 'i32' },
  nvmlDeviceGetPowerUsage: { parameters: ['u64', 'buffer'], result: 'i32' },
} as const;
const MAX_CARDS = 64, NAME_BYTES = 96;

/**
 * Opens NVML; returns what reads all cards at once.
 * @param path of the library
 * @throws an error that says what NVML refused
 */
export function openNvml(path: string): () => NvmlSample {
  const { symbols: nvml } = Deno.dlopen(path, SYMBOLS);
  demand('nvmlInit', nvml.nvmlInit_v2());
  const count = new Uint32Array(1);
  demand('nvmlDeviceGetCount', nvml.nvmlDeviceGetCount_v2(count));
  const cards = Array.from({ length: Math.min(MAX_CARDS, count[0]!) }, (_, i) => {
    const handle = new BigUint64Array(1);
    demand('nvmlDeviceGetHandleByIndex', nvml.nvmlDeviceGetHandleByIndex_v2(i, handle));
    const card = handle[0]!;
    const name = new Uint8Array(NAME_BYTES);
    nvml.nvmlDeviceGetName(card, name, NAME_BYTES);
    const end = name.indexOf(0);
    return { card, name: new TextDecoder().decode(name.subarray(0, end < 0 ? undefined : end)) };
  });
  const energy = new BigUint64Array(1), power = new Uint32Array(1);
  return () => {
    const sample: NvmlSample = { energy: [], power: [], names: [] };
    for (const { card, name } of cards) {
      const counts = nvml.nvmlDeviceGetTotalEnergyConsumption(card, energy) === 0;
      // Cards before Volta do not count.
      const tells = !counts && nvml.nvmlDeviceGetPowerUsage(card, power) === 0;
      sample.energy.push(counts ? Number(energy[0]) : null);
      sample.power.push(tells ? power[0]! : null);
      sample.names.push(name);
    }
    return sample;
  };
}

function demand(what: string, code: number): void {
  if (code !== 0) throw new Error(`${what} returned ${code}`);
}
