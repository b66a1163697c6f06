import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The embedded model. */
export const AUSTEN = fileURLToPath(new URL('../../models/austen-3.7m-q8_0.gguf', import.meta.url));

interface Test {
  teardown(action: () => Promise<void>): void;
}

/** A folder that goes with the test. */
export async function folder(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'nexus-models-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A GGUF value: its type and bytes. */
type Value = { type: number; bytes: Uint8Array };

const join2 = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const u32 = (n: number) => new Uint8Array(new Uint32Array([n]).buffer);
const u64 = (n: number | bigint) => new Uint8Array(new BigUint64Array([BigInt(n)]).buffer);
const text = (s: string) => join2(u64(new TextEncoder().encode(s).length), Buffer.from(s));

export const string = (s: string): Value => ({ type: 8, bytes: text(s) });
export const uint = (n: number): Value => ({ type: 4, bytes: u32(n) });
export const strings = (list: string[]): Value => ({
  type: 9,
  bytes: new Uint8Array(Buffer.concat([u32(8), u64(list.length), ...list.map(text)])),
});
export const raw = (type: number, ...parts: Uint8Array[]): Value => ({
  type,
  bytes: join2(...parts),
});
export { u32, u64 };

/** A small model file: one F32 tensor of 8 weights, unless told otherwise. */
export function gguf(
  entries: Record<string, Value> = {},
  options: { version?: number; tensorCount?: number | bigint; entryCount?: number | bigint } = {},
): Uint8Array {
  const all = Object.entries({
    'general.architecture': string('llama'),
    'llama.context_length': uint(512),
    'tokenizer.ggml.model': string('gpt2'),
    'tokenizer.ggml.tokens': strings(['a', 'b', 'c']),
    ...entries,
  });
  const head = join2(
    Buffer.from('GGUF'),
    u32(options.version ?? 3),
    u64(options.tensorCount ?? 1),
    u64(options.entryCount ?? all.length),
    ...all.flatMap(([key, { type, bytes }]) => [text(key), u32(type), bytes]),
    text('token_embd.weight'),
    u32(1),
    u64(8),
    u32(0),
    u64(0),
  );
  const padding = new Uint8Array((32 - (head.length % 32)) % 32);
  return join2(head, padding, new Uint8Array(new Float32Array(8).fill(1).buffer));
}
