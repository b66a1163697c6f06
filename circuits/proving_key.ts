import { equalBytes, sha256 } from '../feeds/base/mod.ts';
import { isOver, sectionAt } from './binary.ts';
import { loadSnarkjs } from './library.ts';

/** Sections of a proving key: the header that starts with the field's order, and the circuit's rows. */
const HEADER = 2, ROWS = 4;

interface Exporting {
  zKey: { exportVerificationKey(zkey: Uint8Array): Promise<Record<string, unknown>> };
}

/** True for a proving key over BN254, by its header. */
export async function isProvingKey(zkey: Uint8Array): Promise<boolean> {
  const { curve } = await loadSnarkjs();
  return isOver(curve.q, zkey, 'zkey', HEADER);
}

/** snarkjs' JSON of the verification key in a proving key, without what follows from the rest. */
export async function verificationKeyOf(zkey: Uint8Array): Promise<object> {
  const { snarkjs } = await loadSnarkjs();
  const json = await (snarkjs as unknown as Exporting).zKey.exportVerificationKey(zkey);
  const { vk_alphabeta_12: _, ...key } = json;
  return texts(key) as object;
}

/** Text of the file of a verification key. */
export function verificationKeyText(key: object): string {
  return `${JSON.stringify(key, null, 2)}\n`;
}

/** True if two proving keys are of the same circuit: their rows follow from it alone. */
export function isSameCircuit(one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [rowsOf(one), rowsOf(other)];
  return a !== null && b !== null && equalBytes(sha256(a), sha256(b));
}

function rowsOf(zkey: Uint8Array): Uint8Array | null {
  const at = sectionAt(zkey, ROWS);
  if (at === null) return null;
  const view = new DataView(zkey.buffer, zkey.byteOffset, zkey.length);
  return zkey.subarray(at, at + Number(view.getBigUint64(at - 8, true)));
}

function texts(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(texts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, texts(one)]));
}
