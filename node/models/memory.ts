import { NexusError } from '../../feeds/base/mod.ts';
import type { ModelEntry } from './model.ts';
import { formatBytes } from './progress.ts';

/** What llama.cpp takes besides weights and context, bytes: compute buffers, tokenizer. */
const OVERHEAD_BYTES = 96 * 2 ** 20;
/** Keys and values of one token where the file does not tell, as a share of its weights. */
const KV_SHARE = 1 / 4000;

/** Bytes that a model takes when it is loaded. An estimate. */
export interface MemoryNeed {
  weights: number;
  /** Keys and values of all sessions. */
  context: number;
  overhead: number;
  total: number;
}

/** @param slots sessions that decode at once */
export function memoryNeed(
  entry: Pick<ModelEntry, 'profile' | 'kvBytesPerToken'>,
  slots = 1,
): MemoryNeed {
  const { size: weights, contextSize } = entry.profile;
  const perToken = entry.kvBytesPerToken ?? Math.ceil(weights * KV_SHARE);
  const context = slots * contextSize * perToken;
  return { weights, context, overhead: OVERHEAD_BYTES, total: weights + context + OVERHEAD_BYTES };
}

/**
 * Demands, before loading, that a model fits into memory.
 * @param freeBytes memory that is available on the device that will hold it
 * @throws {NexusError} `MODEL_TOO_LARGE` with the figures
 */
export function fitsMemory(
  entry: Pick<ModelEntry, 'name' | 'profile' | 'kvBytesPerToken'>,
  freeBytes: number,
  slots = 1,
): MemoryNeed {
  const need = memoryNeed(entry, slots);
  if (need.total <= freeBytes) return need;
  const { weights, context, total } = need;
  throw new NexusError(
    'MODEL_TOO_LARGE',
    `${entry.name} needs ${formatBytes(total)} of memory (weights ${formatBytes(weights)}, ` +
      `${slots} x ${entry.profile.contextSize} tokens of context ${formatBytes(context)}), ` +
      `${formatBytes(freeBytes)} are free`,
    { hint: 'choose a smaller model or quantisation, or free memory' },
  );
}
