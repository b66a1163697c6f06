import { NexusError } from '../base/mod.ts';

/**
 * Encodes plain data that may hold byte arrays: u32be length of a JSON text, the text, then the
 * bytes of every `Uint8Array` in it, in order. `undefined` fields vanish.
 */
export function encodeValue(value: unknown): Uint8Array {
  const parts: Uint8Array[] = [];
  const json = JSON.stringify({ v: value }, function (this: Record<string, unknown>, key, plain) {
    // Node's Buffer turns itself into JSON before a replacer sees it: look at the owner's field.
    const own = this[key];
    if (!(own instanceof Uint8Array)) return plain;
    parts.push(own);
    return { $: own.length };
  });
  const text = new TextEncoder().encode(json);
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 4 + text.length));
  new DataView(out.buffer).setUint32(0, text.length);
  out.set(text, 4);
  let at = 4 + text.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * Reads what {@link encodeValue} wrote. Byte arrays are copies.
 * @throws {NexusError} `BAD_MESSAGE` for anything else
 */
export function decodeValue(bytes: Uint8Array): unknown {
  if (bytes.length < 4) throw bad('too short');
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  if (length > bytes.length - 4) throw bad('length out of bounds');
  let at = 4 + length;
  const revive = (_key: string, value: unknown): unknown => {
    if (value === null || typeof value !== 'object' || !('$' in value)) return value;
    const n = value.$;
    if (typeof n !== 'number' || !Number.isInteger(n) || n < 0 || at + n > bytes.length) {
      throw bad('bytes out of bounds');
    }
    const part = new Uint8Array(n);
    part.set(bytes.subarray(at, at + n));
    at += n;
    return part;
  };
  try {
    const parsed = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)), revive);
    return (parsed as { v?: unknown } | null)?.v;
  } catch (error) {
    if (error instanceof NexusError) throw error;
    throw bad('not JSON');
  }
}

function bad(what: string): NexusError {
  return new NexusError('BAD_MESSAGE', `malformed message: ${what}`);
}
