import { open } from 'node:fs/promises';
import { messageOf, NexusError } from '../../feeds/base/mod.ts';
import { BadInput, ShortInput } from './cursor.ts';
import { type GgufHeader, type GgufValue, parseHeader } from './gguf_parse.ts';
import { fileTypeName, TENSOR_TYPES, tensorBytes } from './gguf_types.ts';

const FIRST_READ = 2 ** 20;
/** The largest vocabularies of today (a quarter million tokens) take 15 MiB. */
const MAX_HEADER_BYTES = 256 * 2 ** 20;

/** What Nexus wants to know of a model file. */
export interface GgufInfo extends GgufHeader {
  /** Bytes before the tensor data. */
  head: Uint8Array;
  fileSize: number;
  architecture: string;
  /** `general.name`, if it has one. */
  name: string | null;
  /** Name of `general.file_type`, else the type that most weights have, e.g. `Q4_1`. */
  quantisation: string;
  /** Tokens; 0 where the file does not say. */
  contextLength: number;
  chatTemplate: string | null;
  /** Tokens in the vocabulary; 0 where the file has none. */
  vocabularySize: number;
  parameters: number;
  /** Bytes of keys and values of one token at two bytes a number; null where it cannot be told. */
  kvBytesPerToken: number | null;
}

/**
 * Reads the metadata of a GGUF file; the tensors are never read. Memory is bounded by the header.
 * @throws {NexusError} `MODEL_NOT_FOUND`, `MODEL_NOT_GGUF`, `MODEL_TRUNCATED`
 */
export async function readGguf(path: string): Promise<GgufInfo> {
  await using file = await open(path).catch((cause) => {
    throw new NexusError('MODEL_NOT_FOUND', `cannot read ${path}: ${messageOf(cause)}`, {
      hint: 'check the path',
      cause,
    });
  });
  const stat = await file.stat();
  if (!stat.isFile()) throw notGguf(path, 'it is not a file');
  let bytes = new Uint8Array(0);
  for (let want = FIRST_READ;; want *= 4) {
    const wanted = Math.min(want, stat.size, MAX_HEADER_BYTES);
    const next = new Uint8Array(wanted);
    next.set(bytes);
    const got = await readFully(file, next, bytes.length);
    bytes = next.subarray(0, got);
    try {
      return parseGguf(bytes, stat.size, path);
    } catch (thrown) {
      if (!(thrown instanceof ShortInput)) throw thrown;
      if (got < wanted) throw truncated(path, got, thrown.need);
      if (wanted === MAX_HEADER_BYTES) throw notGguf(path, 'its metadata is too large');
      want = Math.max(want, thrown.need / 4);
    }
  }
}

/**
 * The pure part of {@link readGguf}.
 * @param bytes the beginning of the file
 * @param path for messages
 * @throws {NexusError} `MODEL_NOT_GGUF`, `MODEL_TRUNCATED`
 * @throws {ShortInput} if the file goes on beyond `bytes` and the header does too
 */
export function parseGguf(bytes: Uint8Array, fileSize: number, path: string): GgufInfo {
  let header: GgufHeader;
  try {
    header = parseHeader(bytes, fileSize);
  } catch (thrown) {
    if (thrown instanceof BadInput) throw notGguf(path, thrown.message);
    if (thrown instanceof ShortInput && thrown.need > fileSize) {
      throw truncated(path, fileSize, thrown.need);
    }
    throw thrown;
  }
  const value = (key: string): GgufValue | undefined => header.entries.get(key)?.value;
  const text = (key: string): string | null => {
    const found = value(key);
    return typeof found === 'string' ? found : null;
  };
  const architecture = text('general.architecture') ?? '';
  if (!/^[a-z0-9_.-]{1,64}$/i.test(architecture)) {
    throw notGguf(path, 'it does not name its architecture');
  }
  const parameters = checkTensors(header, fileSize, path);
  const tokens = value('tokenizer.ggml.tokens');
  return {
    ...header,
    head: bytes.subarray(0, header.end),
    fileSize,
    architecture,
    name: text('general.name'),
    quantisation: quantisation(header),
    contextLength: count(value(`${architecture}.context_length`)),
    chatTemplate: text('tokenizer.chat_template'),
    vocabularySize: typeof tokens === 'object' && 'count' in tokens ? tokens.count : 0,
    parameters,
    kvBytesPerToken: kvBytes((key) => value(`${architecture}.${key}`)),
  };
}

/** Number of weights; throws where one lies beyond the end of the file. */
function checkTensors(header: GgufHeader, fileSize: number, path: string): number {
  const given = count(header.entries.get('general.alignment')?.value);
  const alignment = given > 0 ? given : 32;
  const base = Math.ceil(header.end / alignment) * alignment;
  let parameters = 0;
  for (const { dimensions, type, offset } of header.tensors) {
    const values = dimensions.reduce((product, n) => product * n, 1);
    const end = base + offset + (tensorBytes(type, values) ?? 0);
    if (!(end <= fileSize)) throw truncated(path, fileSize, end);
    parameters += values;
  }
  return parameters;
}

function quantisation(header: GgufHeader): string {
  const fileType = header.entries.get('general.file_type')?.value;
  if (typeof fileType === 'number') return fileTypeName(count(fileType));
  const weights = new Map<number, number>();
  for (const { type, dimensions } of header.tensors) {
    weights.set(type, (weights.get(type) ?? 0) + dimensions.reduce((a, b) => a * b, 1));
  }
  const [most] = [...weights].sort((a, b) => b[1] - a[1]);
  return most === undefined ? 'none' : TENSOR_TYPES.get(most[0])?.name ?? `type-${most[0]}`;
}

function kvBytes(value: (key: string) => GgufValue | undefined): number | null {
  const layers = count(value('block_count'));
  const heads = value('attention.head_count');
  const kvHeads = value('attention.head_count_kv') ?? heads;
  const width = count(value('embedding_length'));
  const firstHeads = Array.isArray(heads) ? Math.max(...heads, 0) : count(heads);
  const head = firstHeads > 0 ? width / firstHeads : 0;
  const perHead = (count(value('attention.key_length')) || head) +
    (count(value('attention.value_length')) || head);
  const total = Array.isArray(kvHeads)
    ? kvHeads.reduce((sum, n) => sum + n, 0)
    : count(kvHeads) * layers;
  const bytes = total * perHead * 2;
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
}

function count(value: GgufValue | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

async function readFully(
  file: { read(b: Uint8Array, o: number, l: number, p: number): Promise<{ bytesRead: number }> },
  into: Uint8Array,
  from: number,
): Promise<number> {
  let at = from;
  while (at < into.length) {
    const { bytesRead } = await file.read(into, at, into.length - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at;
}

function notGguf(path: string, why: string): NexusError {
  return new NexusError('MODEL_NOT_GGUF', `${path} is not a GGUF model: ${why}`, {
    hint: 'give a .gguf file (version 2 or 3); convert other formats with llama.cpp',
  });
}

function truncated(path: string, size: number, need: number): NexusError {
  return new NexusError(
    'MODEL_TRUNCATED',
    `${path} is cut off: it has ${size} bytes and needs at least ${need}`,
    { hint: 'delete the file and fetch it again' },
  );
}
