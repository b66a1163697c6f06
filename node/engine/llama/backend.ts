import { cpus } from 'node:os';
import process from 'node:process';
import type { Llama } from 'node-llama-cpp';
import type { Backend } from '../backend.ts';
import type { Threads } from '../types.ts';
import { type BinaryOptions, loadLlama } from './binary.ts';
import { checkFile, demandMemory, loadFailed } from './files.ts';
import { LlamaLayers } from './model.ts';
import { vocabularyOf } from './vocabulary.ts';

/**
 * Files up to here are read, larger ones mapped: llama.cpp repacks weights for the CPU, and the
 * mapped originals would count as memory beside the copy.
 */
const MAPPED_BYTES = 512 * 1024 * 1024;

/** llama.cpp through its Node binding. */
export async function createLlamaBackend(options: BinaryOptions): Promise<Backend> {
  const llama = await loadLlama(options);
  const cores = Math.max(1, llama.cpuMathCores);
  const device = async () =>
    llama.gpu === false
      ? (cpus()[0]?.model.trim() ?? process.arch)
      : (await llama.getGpuDeviceNames()).join(', ');
  return {
    info: async () => ({
      backend: llama.gpu === false ? 'cpu' : llama.gpu,
      device: await device(),
      build: buildName(llama),
      memory: await memory(llama),
    }),
    facts: async () => ({
      build: `${buildName(llama)} ${llama.buildType} ${process.platform}-${process.arch}`,
      kernels: llama.gpu === false
        ? llama.systemInfo.trim()
        : `${llama.gpu} ${await device()} ${llama.systemInfo.trim()}`,
    }),
    freeMemory: async () => (await memory(llama)).free,
    async vocabulary(path, signal) {
      await checkFile(path, null);
      try {
        const model = await llama.loadModel({
          modelPath: path,
          vocabOnly: true,
          loadSignal: signal,
          gpuLayers: 0,
        });
        return { ...vocabularyOf(model), [Symbol.asyncDispose]: () => model.dispose() };
      } catch (cause) {
        throw signal.aborted ? signal.reason : loadFailed(path, cause);
      }
    },
    async model(profile, path, signal) {
      await checkFile(path, profile.size);
      demandMemory(path, 'the weights', profile.size, await freeForModels(llama));
      try {
        const model = await llama.loadModel({
          modelPath: path,
          loadSignal: signal,
          ...(llama.gpu === false ? { gpuLayers: 0, useMmap: profile.size > MAPPED_BYTES } : {}),
        });
        try {
          const layers = new LlamaLayers(model, profile, defaultThreads(cores), cores);
          const context = `${profile.contextSize} tokens of context`;
          demandMemory(path, context, layers.sessionBytes, await freeForModels(llama));
          await layers.grow(1);
          return { vocabulary: vocabularyOf(model), model: layers };
        } catch (cause) {
          await model.dispose();
          throw cause;
        }
      } catch (cause) {
        throw signal.aborted ? signal.reason : loadFailed(path, cause);
      }
    },
  };
}

/** Until they are measured: one thread for lone rows keeps the bits, half the cores spare the rest. */
function defaultThreads(cores: number): Threads {
  return { single: 1, batch: Math.max(1, Math.floor(cores / 2)), pad: false };
}

function buildName(llama: Llama): string {
  const { repo, release } = llama.llamaCppRelease;
  return `${repo} ${release}`;
}

/** Layers that a GPU has no room for stay in the machine's own memory. */
async function freeForModels(llama: Llama): Promise<number> {
  const own = (await llama.getRamState()).free;
  return llama.gpu === false ? own : own + (await llama.getVramState()).free;
}

async function memory(llama: Llama): Promise<{ total: number; free: number }> {
  if (llama.gpu !== false) {
    const { total, free } = await llama.getVramState();
    return { total, free };
  }
  const { total, free } = await llama.getRamState();
  return { total, free };
}
