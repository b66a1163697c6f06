import { asNexusError, fromHex, messageOf, NexusError, taggedHash, toHex } from '../base/mod.ts';
import { cleanText, profileFromJson, profileToJson } from '../records/mod.ts';
import {
  type Receipt,
  RECEIPT_FORMAT,
  RECEIPT_LIMITS,
  type ReceiptAttempt,
  type ReceiptEntry,
  type ReceiptMessage,
  type ReceiptOpening,
} from './receipt.ts';
import type { BlockProof } from './types.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** JSON with sorted members and no spaces: one text for one value. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) =>
    `${JSON.stringify(name)}:${canonical(value[name]!)}`
  );
  return `{${members.join()}}`;
}

function checksumOf(body: Json): string {
  return toHex(taggedHash('nexus/receipt/2', new TextEncoder().encode(canonical(body))));
}

function proofToJson(proof: BlockProof | null): Json {
  if (proof === null) return null;
  const { key, length, fork, treeHash, signature, manifest } = proof.head;
  return {
    index: proof.index,
    nodes: toHex(proof.proof),
    head: {
      key: toHex(key),
      length,
      fork,
      treeHash: toHex(treeHash),
      signature: toHex(signature),
      manifest: toHex(manifest),
    },
  };
}

function entryToJson(entry: ReceiptEntry | null): Json {
  if (entry === null) return null;
  return { value: toHex(entry.value), proof: proofToJson(entry.proof) };
}

function openingToJson(opening: ReceiptOpening): Json {
  return {
    ...opening,
    jobKey: toHex(opening.jobKey),
    nonce: toHex(opening.nonce),
    bytes: toHex(opening.bytes),
    messages: opening.messages.map(({ role, content }) => ({ role, content })),
    profile: profileToJson(opening.profile) as Json,
  };
}

/**
 * Writes a receipt as a `nexus-receipt/2` file. A checksum covers every value, also those that
 * nobody signed; spaces and the order of members are free.
 */
export function buildReceipt(receipt: Receipt): string {
  const body: Json = {
    format: RECEIPT_FORMAT,
    identities: receipt.identities.map(entryToJson),
    attempts: receipt.attempts.map(({ job, artifact, settle }) => ({
      job: entryToJson(job),
      artifact: entryToJson(artifact),
      settle: entryToJson(settle),
    })),
    opening: receipt.opening === null ? null : openingToJson(receipt.opening),
  };
  return JSON.stringify({ ...body, checksum: checksumOf(body) }, null, 1) + '\n';
}

/**
 * Reads a receipt that anybody may have written. It checks the form and the checksum; what the
 * receipt says is for `verifyReceipt` to check.
 * @throws {NexusError} `RECEIPT_BAD_JSON`, `RECEIPT_UNKNOWN_FORMAT`, `RECEIPT_BAD_FIELD`,
 * `RECEIPT_BAD_CHECKSUM` or `RECEIPT_TOO_LARGE`
 */
export function parseReceipt(text: string): Receipt {
  if (text.length > RECEIPT_LIMITS.characters) {
    throw refuse('RECEIPT_TOO_LARGE', `a receipt of ${text.length} characters is too large`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    throw refuse('RECEIPT_BAD_JSON', `not JSON: ${cleanText(messageOf(thrown), 200)}`);
  }
  const format = (json as { format?: unknown } | null)?.format;
  if (format !== RECEIPT_FORMAT) {
    const found = JSON.stringify(format)?.slice(0, 40);
    throw refuse('RECEIPT_UNKNOWN_FORMAT', `expected ${RECEIPT_FORMAT}, found ${found}`);
  }
  const file = members(json, 'file', [
    'format',
    'identities',
    'attempts',
    'opening',
    'checksum',
  ]);
  const receipt: Receipt = {
    identities: list(file.identities, 'identities', RECEIPT_LIMITS.identities, entry),
    attempts: list(file.attempts, 'attempts', RECEIPT_LIMITS.attempts, attempt),
    opening: file.opening === null ? null : opening(file.opening),
  };
  const { checksum, ...body } = file;
  if (checksum !== checksumOf(body as Json)) {
    throw refuse('RECEIPT_BAD_CHECKSUM', 'the file was changed after it was written');
  }
  return receipt;
}

function attempt(json: unknown, where: string): ReceiptAttempt {
  const { job, artifact, settle } = members(json, where, ['job', 'artifact', 'settle']);
  return {
    job: entry(job, `${where}.job`),
    artifact: artifact === null ? null : entry(artifact, `${where}.artifact`),
    settle: settle === null ? null : entry(settle, `${where}.settle`),
  };
}

function entry(json: unknown, where: string): ReceiptEntry {
  const { value, proof } = members(json, where, ['value', 'proof']);
  return {
    value: hex(value, `${where}.value`),
    proof: proof === null ? null : blockProof(proof, `${where}.proof`),
  };
}

function blockProof(json: unknown, where: string): BlockProof {
  const { index, nodes, head } = members(json, where, ['index', 'nodes', 'head']);
  const names = ['key', 'length', 'fork', 'treeHash', 'signature', 'manifest'] as const;
  const fields = members(head, `${where}.head`, names);
  return {
    index: whole(index, `${where}.index`),
    proof: hex(nodes, `${where}.nodes`),
    head: {
      key: hex(fields.key, `${where}.head.key`, 32),
      length: whole(fields.length, `${where}.head.length`),
      fork: whole(fields.fork, `${where}.head.fork`),
      treeHash: hex(fields.treeHash, `${where}.head.treeHash`, 32),
      signature: hex(fields.signature, `${where}.head.signature`),
      manifest: hex(fields.manifest, `${where}.head.manifest`),
    },
  };
}

function opening(json: unknown): ReceiptOpening {
  const names = [
    'jobKey',
    'nonce',
    'prompt',
    'output',
    'bytes',
    'stops',
    'text',
    'messages',
    'profile',
  ] as const;
  const from = members(json, 'opening', names);
  const ids = (value: unknown, where: string) => list(value, where, RECEIPT_LIMITS.tokens, token);
  try {
    return {
      jobKey: hex(from.jobKey, 'opening.jobKey', 32),
      nonce: hex(from.nonce, 'opening.nonce', 32),
      prompt: ids(from.prompt, 'opening.prompt'),
      output: ids(from.output, 'opening.output'),
      bytes: hex(from.bytes, 'opening.bytes'),
      stops: list(from.stops, 'opening.stops', RECEIPT_LIMITS.stops, string),
      text: string(from.text, 'opening.text'),
      messages: list(from.messages, 'opening.messages', RECEIPT_LIMITS.messages, message),
      profile: profileFromJson(from.profile),
    };
  } catch (thrown) {
    const { code, message } = asNexusError(thrown);
    if (code.startsWith('RECEIPT_')) throw thrown;
    throw refuse('RECEIPT_BAD_FIELD', `opening.profile: ${message}`);
  }
}

function message(json: unknown, where: string): ReceiptMessage {
  const { role, content } = members(json, where, ['role', 'content']);
  if (role !== 'system' && role !== 'user' && role !== 'assistant') throw bad(where, 'a role');
  return { role, content: string(content, `${where}.content`) };
}

function members<N extends string>(
  json: unknown,
  where: string,
  names: readonly N[],
): Record<N, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw bad(where, 'an object');
  }
  const found = Object.keys(json);
  if (found.length !== names.length || !names.every((name) => Object.hasOwn(json, name))) {
    throw bad(where, `the members ${names.join(', ')}`);
  }
  return json as Record<N, unknown>;
}

function list<T>(
  json: unknown,
  where: string,
  max: number,
  item: (json: unknown, where: string) => T,
): T[] {
  if (!Array.isArray(json) || json.length > max) throw bad(where, `a list of at most ${max}`);
  return json.map((value, i) => item(value, `${where}[${i}]`));
}

function hex(json: unknown, where: string, length?: number): Uint8Array {
  const ok = typeof json === 'string' && /^(?:[0-9a-f]{2})*$/.test(json) &&
    (length === undefined || json.length === 2 * length);
  if (!ok) throw bad(where, `${length ?? 'whole'} bytes in lower-case hexadecimal`);
  return fromHex(json);
}

function whole(json: unknown, where: string): number {
  if (!Number.isSafeInteger(json) || (json as number) < 0) throw bad(where, 'a whole number');
  return json as number;
}

function token(json: unknown, where: string): number {
  if (whole(json, where) > 0xffff_ffff) throw bad(where, 'a token id');
  return json as number;
}

function string(json: unknown, where: string): string {
  if (typeof json !== 'string') throw bad(where, 'a text');
  return json;
}

function bad(where: string, expected: string): NexusError {
  return refuse('RECEIPT_BAD_FIELD', `${where}: expected ${expected}`);
}

function refuse(code: string, text: string): NexusError {
  return new NexusError(code, text, {
    hint: 'ask for the receipt again; nothing in it is proven',
  });
}
