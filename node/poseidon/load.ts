import { bytesOf, numberOf } from '../../feeds/base/mod.ts';

/** A field element of BN254's scalar field, in the library's own form. */
export type Element = Uint8Array;

/** Poseidon over BN254, as circomlib's circuits compute it. */
export interface Poseidon {
  /** Hashes 1 to 16 elements; numbers are taken as they are. */
  hash(inputs: readonly (Element | bigint)[]): Element;
  /** 32 bytes, big-endian, below the field's order. */
  toBytes(element: Element): Uint8Array;
  /** @returns null where the bytes are not below the field's order */
  fromBytes(bytes: Uint8Array): Element | null;
}

/** What we use of circomlibjs, which has no types. */
interface Library {
  buildPoseidon(): Promise<
    & ((inputs: readonly (Element | bigint)[]) => Element)
    & {
      F: {
        p: bigint;
        toObject(element: Element): bigint;
        e(value: bigint): Element;
      };
    }
  >;
}

let loading: Promise<Poseidon> | null = null;

/** Loads circomlibjs, once: about a second. */
export function loadPoseidon(): Promise<Poseidon> {
  return loading ??= load();
}

async function load(): Promise<Poseidon> {
  const { buildPoseidon } = await import('circomlibjs') as unknown as Library;
  const poseidon = await buildPoseidon();
  const { F } = poseidon;
  return {
    hash: (inputs) => poseidon(inputs),
    toBytes: (element) => bytesOf(F.toObject(element)),
    fromBytes(bytes) {
      const value = numberOf(bytes);
      return value < F.p ? F.e(value) : null;
    },
  };
}
