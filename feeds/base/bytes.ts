import { NexusError } from './errors.ts';

/** Lower-case hexadecimal of `bytes`. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16);
  return text;
}

/**
 * Bytes of a hexadecimal string.
 * @param length the length in bytes that is demanded, if any
 * @throws {NexusError} `BAD_HEX` if the text is not hexadecimal or not of that length
 */
export function fromHex(text: string, length?: number): Uint8Array {
  const ok = typeof text === 'string' && text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text);
  if (!ok || (length !== undefined && text.length !== 2 * length)) {
    const want = length === undefined ? 'hexadecimal' : `${2 * length} hexadecimal digits`;
    throw new NexusError(
      'BAD_HEX',
      `expected ${want}, got ${JSON.stringify(String(text).slice(0, 80))}`,
    );
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** True if both hold the same bytes. Not constant-time: use it for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Joins byte arrays. */
export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
