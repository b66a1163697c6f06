import { concatBytes, sha256, toHex } from '../feeds/base/mod.ts';
import { corruptKey } from './errors.ts';
import type { Curve, Group, Raw } from './library.ts';
import { isInSubgroup } from './points.ts';
import { KeyRing } from './ring.ts';
import type { CircuitKey, StoredKey } from './types.ts';

/** A verification key ready to check with; points affine. */
export interface VerificationKey {
  hash: string;
  publics: number;
  alpha: Raw;
  beta: Raw;
  gamma: Raw;
  delta: Raw;
  /** The constant's point, then one a public input, 64 bytes each. */
  inputs: Raw;
}

/** Public inputs of the largest circuit that a key is taken for. */
const MAX_PUBLICS = 4096;
/** Keys that are kept ready; a large one takes some tens of kilobytes. */
const MAX_PARSED = 64;

/**
 * The keys of this program, checked against their manifest.
 * @throws {NexusError} `KEY_CORRUPT`
 */
export async function circuitKeys(): Promise<readonly CircuitKey[]> {
  const keys = await new KeyRing().own();
  await Promise.all(keys.map((key) => key.read('vkey')));
  return keys;
}

/** SHA-256 (hex) of a verification key's canonical JSON: members sorted, no white space. */
export function keyHash(json: unknown): string {
  return toHex(sha256(new TextEncoder().encode(JSON.stringify(sorted(json)))));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, sorted(v)]),
  );
}

const parsed = new Map<string, Promise<VerificationKey>>();

/**
 * A stored key, ready to check with; it is parsed once.
 * @throws {NexusError} `KEY_CORRUPT`
 */
export function readyKey(curve: Curve, stored: StoredKey): Promise<VerificationKey> {
  const name = `${stored.statement} ${stored.hash}`, known = parsed.get(name);
  if (known !== undefined) return known;
  const reading = parseStored(curve, stored);
  parsed.set(name, reading);
  if (parsed.size > MAX_PARSED) parsed.delete(parsed.keys().next().value!);
  reading.catch(() => parsed.delete(name));
  return reading;
}

async function parseStored(
  curve: Curve,
  { statement, hash, read }: StoredKey,
): Promise<VerificationKey> {
  const text = new TextDecoder().decode(await read('vkey'));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw corruptKey(`the verification key of ${statement} is no JSON`, cause);
  }
  const key = parseKey(curve, json);
  if (key.hash !== hash) throw corruptKey(`the verification key of ${statement} has another hash`);
  return key;
}

/**
 * A verification key from snarkjs' JSON, which may be hostile.
 * @throws {NexusError} `KEY_CORRUPT`: another curve or protocol, too large, points out of place
 */
export function parseKey(curve: Curve, json: unknown): VerificationKey {
  if (typeof json !== 'object' || json === null) throw corruptKey('no verification key');
  const { protocol, curve: name, nPublic, IC, ...points } = json as Record<string, unknown>;
  if (protocol !== 'groth16') throw corruptKey('its protocol is not groth16');
  if (name !== 'bn128') throw corruptKey('its curve is not bn128 (BN254)');
  if (!Array.isArray(IC) || IC.length !== Number(nPublic) + 1 || IC.length > MAX_PUBLICS) {
    throw corruptKey('it does not have one point for each public input');
  }
  const { G1, G2 } = curve;
  return {
    hash: keyHash(json),
    publics: IC.length - 1,
    alpha: keyPoint(curve, G1, 'vk_alpha_1', points['vk_alpha_1']),
    beta: keyPoint(curve, G2, 'vk_beta_2', points['vk_beta_2']),
    gamma: keyPoint(curve, G2, 'vk_gamma_2', points['vk_gamma_2']),
    delta: keyPoint(curve, G2, 'vk_delta_2', points['vk_delta_2']),
    inputs: concatBytes(...IC.map((point, i) => keyPoint(curve, G1, `IC[${i}]`, point))),
  };
}

function keyPoint(curve: Curve, group: Group, name: string, json: unknown): Raw {
  let point: Raw;
  try {
    const coordinates = numbersOf(json, curve.q) as unknown[];
    if (coordinates.length !== 3) throw new Error('not three coordinates');
    point = group.fromObject(coordinates);
  } catch (cause) {
    throw corruptKey(`${name} is no point`, cause);
  }
  const isSound = point.length === (group === curve.G1 ? 64 : 128) && !group.isZero(point) &&
    group.isValid(point) && (group === curve.G1 || isInSubgroup(curve, point));
  if (!isSound) throw corruptKey(`${name} is not in its group`);
  return point;
}

/** Decimal texts of a point's coordinates as numbers below `order`. */
function numbersOf(json: unknown, order: bigint): unknown {
  if (Array.isArray(json) && json.length <= 3) return json.map((one) => numbersOf(one, order));
  if (typeof json !== 'string' || !/^(0|[1-9][0-9]{0,76})$/.test(json)) {
    throw new Error('no number');
  }
  const value = BigInt(json);
  if (value >= order) throw new Error('not below the field’s order');
  return value;
}
