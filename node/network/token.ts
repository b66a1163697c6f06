import { concatBytes, equalBytes, NexusError, taggedHash } from '../../feeds/base/mod.ts';
import { importSigner } from '../../feeds/records/mod.ts';
import { isHostPort } from '../home/mod.ts';

/** What an invite says to whoever holds it: all of it is a secret. */
export interface InviteToken {
  /** Id of the network. */
  network: Uint8Array;
  /** The network's secret, 32 bytes. */
  secret: Uint8Array;
  /** Key of the owner, who lets members in. */
  owner: Uint8Array;
  /** Ed25519 seed of this invite, 32 bytes: its signature proves that one holds the token. */
  seed: Uint8Array;
  /** Milliseconds since 1970, in whole seconds. */
  expiresAt: number;
  /** DHT bootstrap nodes, `host:port`; null: the public ones. */
  bootstrap: string[] | null;
}

const PREFIX = 'nexus1:';
const HEAD = 4 * 32 + 4;
const CHECK_BYTES = 4;
const MAX_BYTES = 2048;

/** A token as one word of text. */
export function encodeToken(token: InviteToken): string {
  const expires = new Uint8Array(4);
  new DataView(expires.buffer).setUint32(0, Math.floor(token.expiresAt / 1000));
  const bootstrap = new TextEncoder().encode(token.bootstrap?.join(',') ?? '');
  const { network, secret, owner, seed } = token;
  const body = concatBytes(network, secret, owner, seed, expires, bootstrap);
  return PREFIX + base64Url(concatBytes(body, checkOf(body)));
}

/**
 * Reads a token that a person pasted; white space and line breaks in it are passed over.
 * @throws {NexusError} `INVITE_INVALID`
 */
export function parseToken(text: string): InviteToken {
  const word = text.replace(/\s+/g, '');
  if (!word.startsWith(PREFIX)) throw invalid(`it does not begin with ${PREFIX}`);
  if (word.length > 2 * MAX_BYTES) throw invalid('it is too long');
  const bytes = fromBase64Url(word.slice(PREFIX.length));
  const body = bytes.subarray(0, -CHECK_BYTES);
  if (bytes.length < HEAD + CHECK_BYTES) throw invalid('it is too short: a part is missing');
  if (!equalBytes(checkOf(body), bytes.subarray(-CHECK_BYTES))) {
    throw invalid('a character is wrong or missing');
  }
  const part = (i: number) => body.slice(32 * i, 32 * (i + 1));
  const expires = new DataView(body.buffer, body.byteOffset).getUint32(HEAD - 4);
  const list = new TextDecoder().decode(body.subarray(HEAD));
  const bootstrap = list === '' ? null : list.split(',');
  if (bootstrap !== null && !bootstrap.every(isHostPort)) throw invalid('its addresses are wrong');
  return {
    network: part(0),
    secret: part(1),
    owner: part(2),
    seed: part(3),
    expiresAt: expires * 1000,
    bootstrap,
  };
}

/** Public key of an invite: the owner keeps this and not the seed. */
export async function inviteKey(seed: Uint8Array): Promise<Uint8Array> {
  return (await importSigner(seed)).publicKey;
}

function checkOf(body: Uint8Array): Uint8Array {
  return taggedHash('nexus/invite-token/1', body).subarray(0, CHECK_BYTES);
}

function base64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array {
  if (!/^[\w-]*$/.test(text)) throw invalid('it holds characters that no invite has');
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    throw invalid('a part is missing');
  }
}

function invalid(what: string): NexusError {
  return new NexusError('INVITE_INVALID', `this is no invite: ${what}`, {
    hint: 'copy the whole token again, or ask for a new one (nexus invite)',
  });
}
