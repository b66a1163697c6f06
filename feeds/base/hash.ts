import { sha256InPlace } from './sha256.ts';

/** Bytes of every hash in Nexus. */
export const HASH_BYTES = 32;

type Crypto = typeof import('node:crypto');
let crypto: Crypto | null = null;

/**
 * The runtime's hashes, for long messages only. Taken at the first one: importing them costs Deno as
 * much as a short command takes in all. Node before 20.16 has no way to take them so late.
 */
function runtimeCrypto(): Crypto | null {
  // deno-lint-ignore no-process-global
  crypto ??= (process.getBuiltinModule?.('node:crypto') as Crypto | undefined) ?? null;
  return crypto;
}

/** SHA-256 of `data`: 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  const crypto = isShort(data.length) ? null : runtimeCrypto();
  // Deno returns text three times as fast as bytes.
  if (crypto !== null) return fromDigits(crypto.hash('sha256', data, 'hex'));
  const buffer = data.length <= SCRATCH ? scratch : new Uint8Array(data.length + 72);
  buffer.set(data);
  return sha256InPlace(buffer, data.length);
}

/** Bytes of 64 hexadecimal digits that were made here. */
function fromDigits(digits: string): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i++) {
    bytes[i] = digit(digits.charCodeAt(2 * i)) << 4 | digit(digits.charCodeAt(2 * i + 1));
  }
  return bytes;
}

function digit(code: number): number {
  return code - (code < 58 ? 48 : 87);
}

const utf8 = new TextEncoder();
/** Messages up to here are hashed without the runtime's help: to get it, and once it is there. */
const SHORT = 320, SHORTEST = 110;

function isShort(length: number): boolean {
  return length <= (crypto === null ? SHORT : SHORTEST);
}
/** Messages up to here need no buffer of their own. */
const SCRATCH = 4096;
const scratch = new Uint8Array(SCRATCH + 72);
/** Encoded tags: they are constants of the program, a few dozen. */
const tags = new Map<string, Uint8Array>();

function tagBytes(tag: string): Uint8Array {
  let bytes = tags.get(tag);
  if (bytes === undefined) {
    bytes = utf8.encode(tag);
    if (tags.size < 256) tags.set(tag, bytes);
  }
  return bytes;
}

/**
 * SHA-256 with domain separation: every part, the tag first, is preceded by its length as u32be, so
 * that no two different lists of parts hash the same bytes.
 */
export function taggedHash(tag: string, ...parts: Uint8Array[]): Uint8Array {
  const first = tagBytes(tag);
  let size = 4 + first.length;
  for (let i = 0; i < parts.length; i++) size += 4 + parts[i]!.length;
  const buffer = size <= SCRATCH ? scratch : new Uint8Array(size);
  let at = write(buffer, 0, first);
  for (let i = 0; i < parts.length; i++) at = write(buffer, at, parts[i]!);
  if (isShort(size)) return sha256InPlace(scratch, size);
  return sha256(buffer === scratch ? scratch.subarray(0, size) : buffer);
}

/** Parts up to here are copied by hand: a call of `set` costs more than their bytes. */
const SMALL = 64;

/** Writes a part behind its length. @returns where it ends */
function write(buffer: Uint8Array, at: number, part: Uint8Array): number {
  const { length } = part;
  buffer[at] = length >>> 24;
  buffer[at + 1] = length >>> 16;
  buffer[at + 2] = length >>> 8;
  buffer[at + 3] = length;
  at += 4;
  if (length > SMALL) buffer.set(part, at);
  else for (let i = 0; i < length; i++) buffer[at + i] = part[i]!;
  return at + length;
}
