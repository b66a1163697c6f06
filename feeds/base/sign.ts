import { concatBytes, fromHex, toHex } from './bytes.ts';
import { NexusError } from './errors.ts';

/**
 * WebCrypto works off the calling thread, so a batch of verifications uses every core: 37 us each
 * in Deno on two cores, against 73 us for node:crypto's synchronous call.
 */
const subtle = globalThis.crypto.subtle;
type Key = Awaited<ReturnType<typeof subtle.importKey>>;

/** An Ed25519 key pair that signs. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Makes a 64-byte signature. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** DER header of a PKCS #8 Ed25519 private key (RFC 8410); the 32-byte seed follows. */
const PKCS8 = fromHex('302e020100300506032b657004220420');

/**
 * Makes a signer of an Ed25519 seed (RFC 8032).
 * @param seed 32 secret bytes
 * @throws {NexusError} `KEY_BAD_SEED`
 */
export async function importSigner(seed: Uint8Array): Promise<Signer> {
  if (!(seed instanceof Uint8Array) || seed.length !== 32) {
    throw new NexusError('KEY_BAD_SEED', 'an Ed25519 seed has 32 bytes', {
      hint: 'restore the identity file, or remove it to start as a new identity',
    });
  }
  const der = concatBytes(PKCS8, seed);
  const exportable = await subtle.importKey('pkcs8', own(der), 'Ed25519', true, ['sign']);
  // The public half comes out of the JWK form; the key kept for signing cannot be exported.
  const jwk = await subtle.exportKey('jwk', exportable);
  const key = await subtle.importKey('pkcs8', own(der), 'Ed25519', false, ['sign']);
  der.fill(0);
  return {
    publicKey: fromBase64Url(jwk.x!),
    sign: async (message) => new Uint8Array(await subtle.sign('Ed25519', key, own(message))),
  };
}

/** Imported public keys, oldest use first. Importing costs a third of a verification. */
const imported = new Map<string, Promise<Key | null>>();
const IMPORTED_MAX = 1024;

function publicKeyOf(bytes: Uint8Array): Promise<Key | null> {
  const name = toHex(bytes);
  let key = imported.get(name);
  if (key === undefined) {
    key = subtle.importKey('raw', own(bytes), 'Ed25519', false, ['verify']).catch(() => null);
    if (imported.size >= IMPORTED_MAX) imported.delete(imported.keys().next().value!);
  } else {
    imported.delete(name);
  }
  imported.set(name, key);
  return key;
}

/**
 * Checks an Ed25519 signature. False, never an error, for keys and signatures that are malformed.
 * @param publicKey 32 bytes
 * @param signature 64 bytes
 */
export async function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const key = await publicKeyOf(publicKey);
  if (key === null) return false;
  try {
    return await subtle.verify('Ed25519', key, own(signature), own(message));
  } catch {
    return false;
  }
}

/** WebCrypto's types refuse views on shared memory, which no caller here has. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}

function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
