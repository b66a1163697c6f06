import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { NexusError } from '../../feeds/base/mod.ts';
import type { OnProgress } from './files.ts';

const END_BYTES = 22;
const MAX_COMMENT = 65_535;
const MAX_DIRECTORY_BYTES = 16 * 2 ** 20;
const STORED = 0;
const DEFLATED = 8;

/** A file in an archive. */
interface Member {
  method: number;
  packed: number;
  size: number;
  header: number;
}

/**
 * Writes one member of a zip archive into a file, as a stream. Archives of 4 GiB and more (zip64)
 * are refused. Source: APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
 * @param size bytes that the member must unpack to; more is never written
 * @throws {NexusError} `ARCHIVE_BAD`, `ARCHIVE_NO_MEMBER`
 */
export async function extractMember(
  archive: string,
  member: string,
  to: string,
  size: number,
  options: { signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined } = {},
): Promise<void> {
  const { start, packed, method } = await locate(archive, member, size);
  let done = 0;
  const bounded = new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done += chunk.length;
      if (done > size) return next(bad(archive, `${member} is longer than it says`));
      options.onProgress?.({ done, total: size });
      next(null, chunk);
    },
  });
  const from = createReadStream(archive, { start, end: start + packed - 1 });
  const into = createWriteStream(to, { mode: 0o600 });
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  if (method === DEFLATED) await pipeline(from, createInflateRaw(), bounded, into, signal);
  else await pipeline(from, bounded, into, signal);
  if (done !== size) throw bad(archive, `${member} is shorter than it says`);
}

async function locate(archive: string, member: string, size: number) {
  await using file = await open(archive);
  const found = (await directory(file, archive)).get(member);
  if (found === undefined) {
    throw new NexusError('ARCHIVE_NO_MEMBER', `${archive} has no file ${member}`);
  }
  if (found.size !== size) throw bad(archive, `${member} has ${found.size} bytes, not ${size}`);
  if (found.method !== STORED && found.method !== DEFLATED) {
    throw bad(archive, `packing method ${found.method}`);
  }
  const local = await readAt(file, found.header, 30, archive);
  if (local.getUint32(0, true) !== 0x04034b50) throw bad(archive, 'no header before the member');
  const start = found.header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  if (found.packed === 0 || start + found.packed > (await file.stat()).size) {
    throw bad(archive, `${member} lies beyond its end`);
  }
  return { ...found, start };
}

/** The central directory, which stands at the end. */
async function directory(file: FileHandle, archive: string): Promise<Map<string, Member>> {
  const total = (await file.stat()).size;
  const tailStart = Math.max(0, total - END_BYTES - MAX_COMMENT);
  const tail = await readAt(file, tailStart, total - tailStart, archive);
  let end = tail.byteLength - END_BYTES;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw bad(archive, 'it has no directory');
  const length = tail.getUint32(end + 12, true);
  const start = tail.getUint32(end + 16, true);
  if (length > MAX_DIRECTORY_BYTES || start + length > total) throw bad(archive, 'its directory');
  const view = await readAt(file, start, length, archive);
  const members = new Map<string, Member>();
  for (let at = 0; at + 46 <= length;) {
    if (view.getUint32(at, true) !== 0x02014b50) break;
    const nameLength = view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
    if (next > length) break;
    const name = new Uint8Array(view.buffer, view.byteOffset + at + 46, nameLength);
    members.set(new TextDecoder().decode(name), {
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      header: view.getUint32(at + 42, true),
    });
    at = next;
  }
  return members;
}

async function readAt(file: FileHandle, position: number, length: number, archive: string) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, length - at, position + at);
    if (bytesRead === 0) throw bad(archive, 'it is cut off');
    at += bytesRead;
  }
  return new DataView(bytes.buffer);
}

function bad(archive: string, why: string): NexusError {
  return new NexusError('ARCHIVE_BAD', `${archive} cannot be unpacked: ${why}`, {
    hint: 'fetch it again',
  });
}
