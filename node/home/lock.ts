import { NexusError } from '../../feeds/base/mod.ts';
import { makePrivateFolder, quoted } from './files.ts';
import type { HomePaths } from './paths.ts';

/** The right to run the node of a home, or the way to the one who has it. */
export type NodeLease =
  | { owner: true; release(): void }
  | { owner: false; socket: string; pid: number | null };

/**
 * Tries to become the node of this home. The lock is the system's and goes with the process, also
 * when it is killed. Whoever does not get it attaches to the owner's socket, which may still be on
 * its way up. Deno only.
 */
export async function acquireNode(paths: HomePaths): Promise<NodeLease> {
  await makePrivateFolder(paths.run);
  const file = await openLock(paths.lock);
  if (!await file.tryLock(true)) {
    const pid = await readPid(file);
    file.close();
    return { owner: false, socket: paths.socket, pid };
  }
  await file.truncate(0);
  await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  let held = true;
  const release = () => {
    if (!held) return;
    held = false;
    // Closing unlocks. The file stays: removing it would let two owners hold two files.
    file.close();
  };
  return { owner: true, release };
}

async function openLock(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
  } catch (cause) {
    throw new NexusError('LOCK_FAILED', `cannot open ${path}`, {
      hint: `check that the folder is yours: ls -ld ${quoted(path)}`,
      cause,
    });
  }
}

async function readPid(file: Deno.FsFile): Promise<number | null> {
  const bytes = new Uint8Array(16);
  const length = await file.read(bytes) ?? 0;
  const pid = parseInt(new TextDecoder().decode(bytes.subarray(0, length)), 10);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
}
