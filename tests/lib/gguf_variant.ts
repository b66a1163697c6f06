/** Writes a changed copy of a GGUF model: what a cheat would run in its place. */
import { readGguf } from '../../node/models/mod.ts';
import { readFile, writeFile } from 'node:fs/promises';

export interface VariantOptions {
  /** Blocks (layers) that are left out. */
  drop?: readonly number[];
  /** Q8_0 and Q4_1 weights become Q4_0, as llama.cpp's reference quantisation has it. */
  q4?: boolean;
  /** Q8_0 weights become F16, Q4_1 ones Q8_0: the same values, but for rounding. */
  recode?: boolean;
}

const VALUES = 32;
const Q4_0 = { type: 2, bytes: 18 };
const Q4_1 = 3;
const F16 = { type: 1, bytes: 2 * VALUES };
const Q8_0 = { type: 8, bytes: 34 };
/** Block formats that can be read: how many bytes, and their values. */
const FORMATS: Record<number, { bytes: number; read: (block: DataView) => number[] }> = {
  3: {
    bytes: 20,
    read: (block) => {
      const scale = float16(block.getUint16(0, true)), least = float16(block.getUint16(2, true));
      const nibble = (i: number) => (block.getUint8(4 + i % 16) >> (i < 16 ? 0 : 4)) & 15;
      return Array.from({ length: VALUES }, (_, i) => scale * nibble(i) + least);
    },
  },
  8: {
    bytes: 34,
    read: (block) => {
      const scale = float16(block.getUint16(0, true));
      return Array.from({ length: VALUES }, (_, i) => scale * block.getInt8(2 + i));
    },
  },
};

interface Tensor {
  name: string;
  dimensions: number[];
  type: number;
  data: Uint8Array;
}

export async function writeVariant(
  from: string,
  to: string,
  { drop = [], q4 = false, recode = false }: VariantOptions,
): Promise<void> {
  const info = await readGguf(from);
  const file = new Uint8Array(await readFile(from));
  const start = align(info.end);
  const ends = [...info.tensors.map(({ offset }) => offset), file.length - start]
    .sort((a, b) => a - b);
  let tensors = info.tensors.map(({ name, dimensions, type, offset }): Tensor => {
    const end = ends.find((next) => next > offset)!;
    return { name, dimensions, type, data: file.subarray(start + offset, start + end) };
  });
  const metadata = file.slice(info.metadata.start, info.metadata.end);
  if (drop.length > 0) {
    const entry = info.entries.get(`${info.architecture}.block_count`)!;
    const view = new DataView(metadata.buffer, entry.end - 4 - info.metadata.start, 4);
    const blocks = view.getUint32(0, true);
    const kept = Array.from({ length: blocks }, (_, i) => i).filter((i) => !drop.includes(i));
    view.setUint32(0, kept.length, true);
    tensors = tensors.flatMap((tensor) => {
      const [, block, rest] = /^blk\.(\d+)\.(.*)$/.exec(tensor.name) ?? [];
      if (block === undefined) return [tensor];
      const at = kept.indexOf(Number(block));
      return at < 0 ? [] : [{ ...tensor, name: `blk.${at}.${rest}` }];
    });
  }
  if (q4) tensors = tensors.map((tensor) => recoded(tensor, Q4_0, writeQ4));
  if (recode) {
    tensors = tensors.map((tensor) =>
      tensor.type === Q4_1 ? recoded(tensor, Q8_0, writeQ8) : recoded(tensor, F16, writeHalves)
    );
  }
  await writeFile(to, assemble(info.entries.size, metadata, tensors));
}

function assemble(entries: number, metadata: Uint8Array, tensors: readonly Tensor[]): Uint8Array {
  let offset = 0;
  const infos = tensors.map(({ name, dimensions, type, data }) => {
    const encoded = new TextEncoder().encode(name);
    const info = [u64(encoded.length), encoded, u32(dimensions.length)];
    info.push(...dimensions.map(u64), u32(type), u64(offset));
    offset = align(offset + data.length);
    return concat(info);
  });
  const magic = new TextEncoder().encode('GGUF');
  const head = concat([magic, u32(3), u64(tensors.length), u64(entries), metadata, ...infos]);
  const padded = (data: Uint8Array) =>
    concat([data, new Uint8Array(align(data.length) - data.length)]);
  return concat([padded(head), ...tensors.map(({ data }) => padded(data))]);
}

/** Tensors of other formats, such as norms, stay as they are. */
function recoded(
  tensor: Tensor,
  to: { type: number; bytes: number },
  write: (values: readonly number[], out: DataView) => void,
): Tensor {
  const format = FORMATS[tensor.type];
  if (format === undefined) return tensor;
  const blocks = tensor.dimensions.reduce((a, b) => a * b, 1) / VALUES;
  const data = new Uint8Array(blocks * to.bytes);
  for (let block = 0; block < blocks; block++) {
    const { buffer, byteOffset } = tensor.data;
    const values = format.read(new DataView(buffer, byteOffset + block * format.bytes));
    write(values, new DataView(data.buffer, block * to.bytes, to.bytes));
  }
  return { ...tensor, type: to.type, data };
}

function writeQ4(values: readonly number[], out: DataView): void {
  const extreme = values.reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a, 0);
  const scale = extreme / -8;
  out.setUint16(0, toFloat16(scale), true);
  const level = (value: number) =>
    Math.min(15, Math.floor((scale === 0 ? 0 : value / scale) + 8.5));
  for (let i = 0; i < 16; i++) out.setUint8(2 + i, level(values[i]!) | level(values[i + 16]!) << 4);
}

function writeQ8(values: readonly number[], out: DataView): void {
  const scale = Math.max(...values.map(Math.abs)) / 127;
  out.setUint16(0, toFloat16(scale), true);
  values.forEach((value, i) => out.setInt8(2 + i, scale === 0 ? 0 : Math.round(value / scale)));
}

function writeHalves(values: readonly number[], out: DataView): void {
  values.forEach((value, i) => out.setUint16(2 * i, toFloat16(value), true));
}

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Nearest half float; overflow and infinities do not occur in weights. */
function toFloat16(value: number): number {
  const sign = value < 0 ? 0x8000 : 0, size = Math.abs(value);
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -30)));
  const bits = Math.round(size * 2 ** (10 - exponent));
  return sign | (bits < 1024 ? bits : ((exponent + 15) << 10) + bits - 1024);
}

function align(size: number): number {
  return Math.ceil(size / 32) * 32;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function u64(value: number): Uint8Array {
  return concat([u32(value % 2 ** 32), u32(Math.floor(value / 2 ** 32))]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) bytes.set(part, at), at += part.length;
  return bytes;
}
