import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { getLlama, getLlamaGpuTypes, Llama, LlamaLogLevel } from 'node-llama-cpp';

export interface BinaryOptions {
  /** `auto` takes a GPU where there is one. */
  gpu: 'auto' | 'cuda' | 'vulkan' | 'metal' | false;
  /** True: the binary is tried in a process of its own first. */
  careful: boolean;
  /** Receives llama.cpp's warnings and errors, a line each. */
  log: (line: string) => void;
}

/**
 * llama.cpp from the prebuilt binaries of node-llama-cpp; nothing is compiled or fetched.
 *
 * On Linux `getLlama` starts a program that tries the binary first, so that one that cannot run here
 * kills that program only: a third of the time of a start. This process is one that may be killed:
 * it loads the CPU binary at once, and is started again, to be careful, if that was its end.
 */
export async function loadLlama(options: BinaryOptions): Promise<Llama> {
  const { gpu, careful, log } = options;
  const common = {
    logLevel: LlamaLogLevel.warn,
    logger: (level: LlamaLogLevel, message: string) => log(`${level}: ${message.trim()}`),
  };
  if (!careful && process.platform === 'linux' && await onCpu(gpu)) {
    try {
      return await loadCpuBinary(common);
    } catch {
      // Its own way tries other binaries and says best what is missing.
    }
  }
  dropLoaderVariables();
  return await getLlama({
    gpu,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    ...common,
  });
}

/**
 * Where the permission to start programs names them, Deno starts none with these: the trial goes
 * without. This process has read them, and finds what they point to.
 */
function dropLoaderVariables(): void {
  for (const name of Object.keys(process.env)) {
    if (/^(LD|DYLD)_/.test(name)) delete process.env[name];
  }
}

async function onCpu(gpu: BinaryOptions['gpu']): Promise<boolean> {
  if (gpu !== 'auto') return gpu === false;
  return (await getLlamaGpuTypes('supported')).every((type) => type === false);
}

/** What `getLlama` does in the pinned version once a binary has passed its trial. */
interface Internals {
  _create(options: Record<string, unknown>): Promise<Llama>;
}

async function loadCpuBinary(common: Record<string, unknown>): Promise<Llama> {
  const entry = fileURLToPath(import.meta.resolve('node-llama-cpp'));
  if (existsSync(join(dirname(entry), '..', 'llama', 'localBuilds'))) {
    throw new Error('a binary that was built here goes first');
  }
  const require = createRequire(entry);
  const name = `linux-${process.arch}`;
  const bins = join(dirname(require.resolve(`@node-llama-cpp/${name}`)), '..', 'bins', name);
  const bindingPath = join(bins, 'llama-addon.node');
  const metadata = JSON.parse(await readFile(join(bins, '_nlcBuildMetadata.json'), 'utf8'));
  return await (Llama as unknown as Internals)._create({
    ...common,
    bindings: require(bindingPath),
    bindingPath,
    buildType: 'prebuilt',
    buildMetadata: metadata,
    debug: false,
    tempDir: false,
    vramPadding: 0,
    ramPadding: (total: number) => Math.floor(Math.min(total / 4, 2 ** 30)),
  });
}
