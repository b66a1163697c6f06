/**
 * The downloader process: fetches one address with node-llama-cpp's resolver into one folder, as
 * `model.gguf`, and tells its progress as lines of JSON. Ends when its standard input closes.
 * @module
 */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { messageOf, NexusError } from '../../feeds/base/mod.ts';

/** An endpoint that is reachable answers anything at all in this time. */
const REACH_MS = 2500;
const STALL_MS = 30_000;
const TELL_MS = 200;

const [address = '', folder = ''] = process.argv.slice(2);
process.stdin.on('end', () => process.exit(1)).on('error', () => process.exit(1)).resume();

function tell(message: Record<string, unknown>): void {
  process.stdout.write(JSON.stringify(message) + '\n');
}

/** The resolver itself retries for minutes when there is no network. */
async function demandReachable(): Promise<void> {
  const hub = process.env.MODEL_ENDPOINT ?? process.env.HF_ENDPOINT ?? 'https://huggingface.co/';
  const url = new URL(address.startsWith('hf:') ? hub : address);
  try {
    const response = await fetch(url.origin, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(REACH_MS),
    });
    await response.body?.cancel();
  } catch (cause) {
    throw new NexusError('MODEL_HUB_UNREACHABLE', `cannot reach ${url.host}`, {
      hint: 'check the network, or set HF_ENDPOINT to a mirror',
      cause,
    });
  }
}

async function download(): Promise<void> {
  const { resolveModelFile } = await import('node-llama-cpp');
  const stalled = new AbortController();
  let now = { done: 0, total: 0 };
  let told = -1;
  let moved = performance.now();
  const ticker = setInterval(() => {
    if (now.done !== told) {
      [told, moved] = [now.done, performance.now()];
      tell({ type: 'progress', ...now });
    } else if (performance.now() - moved > STALL_MS) stalled.abort();
  }, TELL_MS);
  try {
    const path = await resolveModelFile(address, {
      directory: folder,
      fileName: 'download.gguf',
      cli: false,
      deleteTempFileOnCancel: false,
      signal: stalled.signal,
      onProgress: ({ downloadedSize, totalSize }) => {
        now = { done: downloadedSize, total: totalSize };
      },
    });
    await rename(path, join(folder, 'model.gguf'));
  } catch (cause) {
    if (stalled.signal.aborted) {
      throw new NexusError('MODEL_HUB_STALLED', `nothing came for ${STALL_MS / 1000} s`, {
        hint: 'try again: the download is resumed',
        cause,
      });
    }
    throw new NexusError('MODEL_HUB_FAILED', messageOf(cause).slice(0, 300), {
      hint: 'check the address and the network',
      cause,
    });
  } finally {
    clearInterval(ticker);
  }
}

try {
  await demandReachable();
  await download();
  tell({ type: 'done' });
  process.exitCode = 0;
} catch (thrown) {
  const error = thrown instanceof NexusError
    ? thrown
    : new NexusError('MODEL_HUB_FAILED', messageOf(thrown));
  tell({ type: 'error', error: error.toJSON() });
  process.exitCode = 1;
} finally {
  process.stdin.destroy();
  setTimeout(() => process.exit(), 100);
}
