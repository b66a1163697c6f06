import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allowPaths, NexusError, packagesFolder } from '../../feeds/base/mod.ts';
import { cleanText } from '../../feeds/records/mod.ts';
import { runCommand } from './command.ts';
import { makeFolder } from './files.ts';
import type { FetchContext, ModelSource } from './source.ts';

const PROGRAM = fileURLToPath(new URL('./hub_main.ts', import.meta.url));

/** Hugging Face, or the endpoint that `HF_ENDPOINT` names. */
export function hubSource(deno: string): ModelSource {
  return {
    name: 'hugging face',
    async fetch({ sources }, to, context) {
      if (sources.hub === null) {
        throw new NexusError('MODEL_NO_SOURCE', 'no address is known for this model');
      }
      await rename(await fetchFromHub(deno, sources.hub, context), to);
    },
  };
}

/** True for an address that {@link fetchFromHub} understands, rather than a file's path. */
export function isHubAddress(text: string): boolean {
  return /^(hf:|https:\/\/)[\x21-\x7e]{3,500}$/.test(text);
}

/**
 * Fetches a GGUF in a process of its own, which has the network but may write to one folder only.
 * @param deno path of the Deno binary
 * @param address `hf:user/repository:quant`, `hf:user/repository/file#commit` or `https://…`
 * @returns path of the file in `context.folder`; an unfinished one there is resumed
 * @throws {NexusError} `MODEL_HUB_UNREACHABLE`, `MODEL_HUB_STALLED`, `MODEL_HUB_FAILED`
 */
export async function fetchFromHub(
  deno: string,
  address: string,
  { signal, onProgress, folder }: FetchContext,
): Promise<string> {
  await makeFolder(folder);
  const packages = packagesFolder(fileURLToPath(import.meta.resolve('node-llama-cpp')));
  let error: NexusError | null = null;
  let done = false;
  const { code, stderr } = await runCommand(deno, [
    'run',
    '--quiet',
    '--no-prompt',
    '--no-remote',
    '--allow-net',
    '--allow-env',
    '--allow-sys',
    allowPaths('read', [dirname(PROGRAM), packages, folder]),
    allowPaths('write', [folder]),
    PROGRAM,
    address,
    folder,
  ], {
    signal,
    onLine(line) {
      const message = parse(line);
      if (message?.type === 'progress') {
        onProgress({ done: Number(message.done) || 0, total: Number(message.total) || 0 });
      } else if (message?.type === 'done') done = true;
      else if (message?.type === 'error') error = NexusError.fromJSON(message.error);
    },
  });
  if (error !== null) throw error;
  if (done && code === 0) return join(folder, 'model.gguf');
  throw new NexusError(
    'MODEL_HUB_FAILED',
    `the downloader ended with status ${code}: ${cleanText(stderr.trim().slice(-200), 200)}`,
    { hint: 'try again' },
  );
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? value as Record<string, unknown> | null : null;
  } catch {
    return null;
  }
}
