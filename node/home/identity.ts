import { fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import { createFileAtomic, quoted, randomBytes, readText } from './files.ts';
import { platform, statusOf } from './runtime.ts';

/**
 * Reads the seed of the identity at `path`.
 * @returns 32 bytes, or null if there is none yet
 * @throws {NexusError} `IDENTITY_EXPOSED` if other users may read or write it; `IDENTITY_CORRUPT`
 */
export async function loadIdentity(path: string): Promise<Uint8Array | null> {
  const text = await readText(path);
  if (text === null) return null;
  await assertPrivate(path);
  const hex = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw new NexusError('IDENTITY_CORRUPT', `${path} does not hold an identity`, {
      hint: `restore it from a backup; or start over with a new identity, which loses the old ` +
        `one's logs and memberships: mv ${quoted(path)} ${quoted(`${path}.bad`)}`,
    });
  }
  return fromHex(hex, 32);
}

/** Reads the seed, or draws and keeps one (0600); of two processes that do so at once one wins. */
export async function ensureIdentity(
  path: string,
): Promise<{ seed: Uint8Array; created: boolean }> {
  const found = await loadIdentity(path);
  if (found !== null) return { seed: found, created: false };
  const created = await createFileAtomic(path, `${toHex(randomBytes(32))}\n`, 0o600);
  const seed = await loadIdentity(path);
  if (seed === null) throw new NexusError('IDENTITY_CORRUPT', `${path} disappeared`);
  return { seed, created };
}

/** @throws {NexusError} `IDENTITY_EXPOSED` if others than its owner may use a secret file */
export async function assertPrivate(path: string): Promise<void> {
  if (platform() === 'win32') return;
  const { mode } = await statusOf(path);
  if ((mode & 0o077) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(3, '0');
  throw new NexusError(
    'IDENTITY_EXPOSED',
    `other users of this machine may use ${path} (mode ${octal})`,
    { hint: `chmod 600 ${quoted(path)}` },
  );
}
