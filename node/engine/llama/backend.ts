import { cpus, freemem } from 'node:os';
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
  // A driver is no device: without one, what was built for it computes on the processor.
  const devices = llama.gpu === false ? [] : await llama.getGpuDeviceNames();
  const gpu = devices.length === 0 ? false : llama.gpu;
  const free = () => freeForModels(llama, gpu !== false);
  const device = gpu === false ? cpus()[0]?.model.trim() ?? process.arch : devices.join(', ');
  return {
    info: async () => ({
      backend: gpu === false ? 'cpu' : gpu,
      device,
      build: buildName(llama),
      memory: await memory(llama, gpu !== false),
    }),
    facts: () =>
      Promise.resolve({
        build: `${buildName(llama)} ${llama.buildType} ${process.platform}-${process.arch}`,
        kernels: llama.gpu === false
          ? llama.systemInfo.trim()
          : `${llama.gpu} ${gpu === false ? '' : device} ${llama.systemInfo.trim()}`,
      }),
    freeMemory: async () => (await memory(llama, gpu !== false)).free,
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
      demandMemory(path, 'the weights', profile.size, await free());
      try {
        const model = await llama.loadModel({
          modelPath: path,
          loadSignal: signal,
          ...(gpu === false ? { gpuLayers: 0, useMmap: profile.size > MAPPED_BYTES } : {}),
        });
        try {
          const layers = new LlamaLayers(model, profile, defaultThreads(cores), cores);
          const context = `${profile.contextSize} tokens of context`;
          demandMemory(path, context, layers.sessionBytes, await free());
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
async function freeForModels(llama: Llama, onGpu: boolean): Promise<number> {
  const own = (await ramOf(llama)).free;
  return onGpu ? own + (await llama.getVramState()).free : own;
}

async function memory(llama: Llama, onGpu: boolean): Promise<{ total: number; free: number }> {
  if (onGpu) {
    const { total, free } = await llama.getVramState();
    return { total, free };
  }
  return await ramOf(llama);
}

/** What the system keeps of files it gives up when asked: llama.cpp's binding calls that taken. */
async function ramOf(llama: Llama): Promise<{ total: number; free: number }> {
  const { total, free } = await llama.getRamState();
  return { total, free: Math.max(free, Math.min(total, freemem())) };
}
