import { open } from 'node:fs/promises';
import { InsufficientMemoryError } from 'node-llama-cpp';
import { NexusError } from '../../../feeds/base/mod.ts';

/**
 * Looks at a file before llama.cpp does, since a bad one can end the process.
 * @param size bytes that it must have; null where that is not known
 * @throws {NexusError} `MODEL_NOT_FOUND`, `MODEL_NOT_GGUF`, `MODEL_TRUNCATED` or `MODEL_WRONG_SIZE`
 */
export async function checkFile(path: string, size: number | null): Promise<void> {
  const file = await open(path, 'r').catch((cause) => {
    throw new NexusError('MODEL_NOT_FOUND', `cannot open the model file ${path}`, {
      hint: 'pull it again with `nexus models pull`, or check its permissions',
      cause,
    });
  });
  try {
    const magic = new Uint8Array(4);
    const { bytesRead } = await file.read(magic, 0, 4, 0);
    if (bytesRead < 4 || new TextDecoder().decode(magic) !== 'GGUF') {
      throw new NexusError('MODEL_NOT_GGUF', `${path} is not a GGUF file`, {
        hint: 'choose a file in GGUF format, or pull the model again',
      });
    }
    const actual = (await file.stat()).size;
    if (size === null || actual === size) return;
    const kind = actual < size ? 'MODEL_TRUNCATED' : 'MODEL_WRONG_SIZE';
    throw new NexusError(kind, `${path} has ${actual} bytes, its profile says ${size}`, {
      hint: 'remove the file and pull the model again',
    });
  } finally {
    await file.close();
  }
}

/**
 * llama.cpp itself takes a minute to find out, or is killed.
 * @param what that needs the memory
 * @param need bytes
 * @param free bytes
 * @throws {NexusError} `MODEL_TOO_LARGE`
 */
export function demandMemory(path: string, what: string, need: number, free: number): void {
  if (need <= free) return;
  const [needed, left] = [need, free].map((bytes) => `${(bytes / 1e9).toFixed(1)} GB`);
  throw new NexusError('MODEL_TOO_LARGE', `${path}: ${what} take ${needed}, ${left} are free`, {
    hint:
      'close other programs, choose a smaller model, a smaller quantisation or a smaller context',
  });
}

/** What a failed load means to its caller. */
export function loadFailed(path: string, cause: unknown): NexusError {
  if (cause instanceof NexusError) return cause;
  return cause instanceof InsufficientMemoryError
    ? new NexusError('MODEL_TOO_LARGE', `there is not enough memory for ${path}`, {
      hint: 'close other programs, choose a smaller quantisation or a smaller context',
      cause,
    })
    : new NexusError('MODEL_BAD_FILE', `llama.cpp cannot load ${path}`, {
      hint: 'pull the model again; if that does not help, this version cannot run it',
      cause,
    });
}
