import { asNexusError, messageOf, NexusError, taggedHash, toHex } from '../base/mod.ts';
import { cleanText, profileFromJson, profileToJson } from '../records/mod.ts';
import {
  type Receipt,
  RECEIPT_FORMAT,
  RECEIPT_LIMITS,
  type ReceiptAttempt,
  type ReceiptEntry,
  type ReceiptMessage,
  type ReceiptOpening,
  type ReceiptSampling,
  type ReceiptShown,
} from './receipt.ts';
import { canonical, headToJson, type Json, JsonFields } from './json.ts';
import type { BlockProof } from './types.ts';

const fields = new JsonFields((what) => refuse('RECEIPT_BAD_FIELD', what));

function checksumOf(body: Json): string {
  return toHex(taggedHash('nexus/receipt/2', new TextEncoder().encode(canonical(body))));
}

function proofToJson(proof: BlockProof | null): Json {
  if (proof === null) return null;
  return { index: proof.index, nodes: toHex(proof.proof), head: headToJson(proof.head) };
}

/** An entry as JSON; {@link entryFromJson} reads it. */
export function entryToJson(entry: ReceiptEntry | null): Json {
  if (entry === null) return null;
  return { value: toHex(entry.value), proof: proofToJson(entry.proof) };
}

/** A proof of sampling as JSON; {@link samplingFromJson} reads it. */
export function samplingToJson({ entry, beacon, draw, shown }: ReceiptSampling): Json {
  return {
    entry: entryToJson(entry),
    beacon,
    draw: toHex(draw),
    shown: shown.map(({ position, ids, leaf, path }) => ({
      position,
      ids: [...ids],
      leaf: toHex(leaf),
      path: path.map(toHex),
    })),
  };
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
    attempts: receipt.attempts.map(({ job, artifact, settle, sampling }) => ({
      job: entryToJson(job),
      artifact: entryToJson(artifact),
      settle: entryToJson(settle),
      ...(sampling === undefined ? {} : { sampling: samplingToJson(sampling) }),
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
  const file = fields.members(json, 'file', [
    'format',
    'identities',
    'attempts',
    'opening',
    'checksum',
  ]);
  const receipt: Receipt = {
    identities: fields.list(file.identities, 'identities', RECEIPT_LIMITS.identities, entry),
    attempts: fields.list(file.attempts, 'attempts', RECEIPT_LIMITS.attempts, attempt),
    opening: file.opening === null ? null : opening(file.opening),
  };
  const { checksum, ...body } = file;
  if (checksum !== checksumOf(body as Json)) {
    throw refuse('RECEIPT_BAD_CHECKSUM', 'the file was changed after it was written');
  }
  return receipt;
}

function attempt(json: unknown, where: string): ReceiptAttempt {
  const isSampled = Object.hasOwn(json as object ?? {}, 'sampling');
  const names = ['job', 'artifact', 'settle', 'sampling'] as const;
  const from = fields.members(json, where, isSampled ? names : names.slice(0, 3));
  const { job, artifact, settle, sampling } = from;
  return {
    job: entry(job, `${where}.job`),
    artifact: artifact === null ? null : entry(artifact, `${where}.artifact`),
    settle: settle === null ? null : entry(settle, `${where}.settle`),
    ...(isSampled ? { sampling: samplingFromJson(sampling, `${where}.sampling`) } : {}),
  };
}

/** Reads what {@link samplingToJson} made. @throws {NexusError} `RECEIPT_BAD_FIELD` */
export function samplingFromJson(json: unknown, where = 'sampling'): ReceiptSampling {
  const from = fields.members(json, where, ['entry', 'beacon', 'draw', 'shown']);
  return {
    entry: entry(from.entry, `${where}.entry`),
    beacon: fields.whole(from.beacon, `${where}.beacon`),
    draw: fields.hex(from.draw, `${where}.draw`, 32),
    shown: fields.list(from.shown, `${where}.shown`, RECEIPT_LIMITS.shown, shown),
  };
}

function shown(json: unknown, where: string): ReceiptShown {
  const from = fields.members(json, where, ['position', 'ids', 'leaf', 'path']);
  return {
    position: fields.token(from.position, `${where}.position`),
    ids: fields.list(
      from.ids,
      `${where}.ids`,
      RECEIPT_LIMITS.candidates,
      (id, where) => fields.token(id, where),
    ),
    leaf: fields.hex(from.leaf, `${where}.leaf`, 32),
    path: fields.list(
      from.path,
      `${where}.path`,
      RECEIPT_LIMITS.path,
      (one, where) => fields.hex(one, where, 32),
    ),
  };
}

/** Reads what {@link entryToJson} made. @throws {NexusError} `RECEIPT_BAD_FIELD` */
export function entryFromJson(json: unknown): ReceiptEntry {
  return entry(json, 'entry');
}

function entry(json: unknown, where: string): ReceiptEntry {
  const { value, proof } = fields.members(json, where, ['value', 'proof']);
  return {
    value: fields.hex(value, `${where}.value`),
    proof: proof === null ? null : blockProof(proof, `${where}.proof`),
  };
}

function blockProof(json: unknown, where: string): BlockProof {
  const { index, nodes, head } = fields.members(json, where, ['index', 'nodes', 'head']);
  return {
    index: fields.whole(index, `${where}.index`),
    proof: fields.hex(nodes, `${where}.nodes`),
    head: fields.head(head, `${where}.head`),
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
  const from = fields.members(json, 'opening', names);
  const ids = (json: unknown, where: string) =>
    fields.list(json, where, RECEIPT_LIMITS.tokens, (id, where) => fields.token(id, where));
  const texts = (json: unknown, where: string) =>
    fields.list(json, where, RECEIPT_LIMITS.stops, (stop, where) => fields.string(stop, where));
  try {
    return {
      jobKey: fields.hex(from.jobKey, 'opening.jobKey', 32),
      nonce: fields.hex(from.nonce, 'opening.nonce', 32),
      prompt: ids(from.prompt, 'opening.prompt'),
      output: ids(from.output, 'opening.output'),
      bytes: fields.hex(from.bytes, 'opening.bytes'),
      stops: texts(from.stops, 'opening.stops'),
      text: fields.string(from.text, 'opening.text'),
      messages: fields.list(from.messages, 'opening.messages', RECEIPT_LIMITS.messages, message),
      profile: profileFromJson(from.profile),
    };
  } catch (thrown) {
    const { code, message } = asNexusError(thrown);
    if (code.startsWith('RECEIPT_')) throw thrown;
    throw refuse('RECEIPT_BAD_FIELD', `opening.profile: ${message}`);
  }
}

function message(json: unknown, where: string): ReceiptMessage {
  const { role, content } = fields.members(json, where, ['role', 'content']);
  if (role !== 'system' && role !== 'user' && role !== 'assistant') {
    throw fields.bad(where, 'a role');
  }
  return { role, content: fields.string(content, `${where}.content`) };
}

function refuse(code: string, text: string): NexusError {
  return new NexusError(code, text, {
    hint: 'ask for the receipt again; nothing in it is proven',
  });
}
