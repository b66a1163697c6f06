import { join } from 'node:path';

/** A receipt that is kept here. */
export interface KeptReceipt {
  job: string;
  /** Milliseconds since 1970. */
  at: number;
  bytes: number;
}

/** The text of a kept receipt; null where there is none. @param job id in hexadecimal */
export async function readReceipt(folder: string, job: string): Promise<string | null> {
  if (!/^[0-9a-f]{64}$/.test(job)) return null;
  try {
    return await Deno.readTextFile(join(folder, `${job}.receipt`));
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return null;
    throw thrown;
  }
}

/** The newest receipts of a folder, newest first. */
export async function listReceipts(folder: string, limit: number): Promise<KeptReceipt[]> {
  const found: KeptReceipt[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      const job = /^([0-9a-f]{64})\.receipt$/.exec(name)?.[1];
      if (!isFile || job === undefined) continue;
      const { mtime, size } = await Deno.stat(join(folder, name));
      found.push({ job, at: mtime?.getTime() ?? 0, bytes: size });
    }
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
  return found.sort((a, b) => b.at - a.at).slice(0, limit);
}
