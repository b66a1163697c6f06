import { sha256, toHex } from '../feeds/base/mod.ts';
import { isOpenSecret } from './contributions.ts';
import { corruptKey, otherCircuit } from './errors.ts';
import { entryOf, type Manifest, type ManifestEntry, readKeyFile } from './files.ts';
import { keyHash, parseKey } from './keys.ts';
import { loadSnarkjs } from './library.ts';
import {
  isProvingKey,
  isSameCircuit,
  verificationKeyOf,
  verificationKeyText,
} from './proving_key.ts';
import type { Statement } from './types.ts';

/** In the manifest of a key that was made elsewhere, and to which nobody contributed. */
const NO_SECRET = 'none with a secret, insecure: anybody can work out what it follows from';

/** A key that was made elsewhere, as it is kept. */
export interface ForeignKey {
  /** SHA-256 (hex) of the verification key's canonical JSON. */
  hash: string;
  /** By its proving key nobody put a secret of their own into it: anybody can forge proofs under it. */
  insecure: boolean;
  /** By their names: the manifest, the verification key, the proving key where there was one. */
  files: Record<string, Uint8Array>;
}

/**
 * Looks at a key that was made elsewhere for a circuit of this program: a proving key, from which the
 * other follows, or the verification key alone, with which proofs can be checked and not made.
 * That nobody contributed to it is to be seen in a proving key; who did, and whether the list of them
 * is true, is not.
 * @param vkey snarkjs' JSON
 * @throws {NexusError} `KEY_CORRUPT`; `KEY_CIRCUIT`: of another circuit than this program's
 */
export async function foreignKey(
  statement: Statement,
  { zkey, vkey = new Uint8Array() }: { zkey?: Uint8Array; vkey?: Uint8Array },
): Promise<ForeignKey> {
  const own = await entryOf(statement);
  const json = zkey === undefined ? jsonOf(vkey) : await exported(zkey);
  const { curve } = await loadSnarkjs();
  const { publics } = parseKey(curve, json);
  if (publics !== own.publics) {
    throw otherCircuit(statement, `it has ${publics} public inputs, ours ${own.publics}`);
  }
  if (zkey !== undefined && !isSameCircuit(zkey, await readKeyFile(statement, 'zkey'))) {
    throw otherCircuit(statement, 'its constraints are not those of ours');
  }
  const insecure = zkey !== undefined && isOpenSecret(zkey);
  const text = new TextEncoder().encode(verificationKeyText(json)), hash = keyHash(json);
  const entry: ManifestEntry = {
    source: own.source,
    r1cs: own.r1cs,
    wasm: own.wasm,
    zkey: zkey === undefined ? '' : toHex(sha256(zkey)),
    vkey: toHex(sha256(text)),
    key: hash,
    ptau: '',
    contribution: insecure ? NO_SECRET : null,
    constraints: own.constraints,
    publics,
  };
  const manifest: Manifest = { insecure: true, tools: {}, statements: { [statement]: entry } };
  return {
    hash,
    insecure,
    files: {
      [`${statement}.vkey.json`]: text,
      ...(zkey === undefined ? {} : { [`${statement}.zkey`]: zkey }),
      // Last, since it says what the others have to be.
      'manifest.json': new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`),
    },
  };
}

async function exported(zkey: Uint8Array): Promise<object> {
  if (!await isProvingKey(zkey)) throw corruptKey('it is no proving key over BN254');
  try {
    return await verificationKeyOf(zkey);
  } catch (cause) {
    throw corruptKey('it is no whole proving key', cause);
  }
}

function jsonOf(bytes: Uint8Array): object {
  try {
    const { vk_alphabeta_12: _, ...key } = JSON.parse(new TextDecoder().decode(bytes));
    return key;
  } catch (cause) {
    throw corruptKey('it is no verification key', cause);
  }
}
