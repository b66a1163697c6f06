import { cleanText, NexusError } from '../feeds/base/mod.ts';
import { sectionAt } from './binary.ts';
import { corruptKey } from './errors.ts';

/**
 * One step of a proving key's setup, as its file lists it; whether it is in the key, only snarkjs' check
 * of the whole chain tells.
 */
export interface Contribution {
  /** What its maker called it; empty where nothing was said. */
  name: string;
  /** True for a beacon: its secret follows from a text that everybody may read. */
  open: boolean;
}

/** Section of a proving key that lists them, after a hash of 64 bytes. */
const CONTRIBUTIONS = 10, HASH = 64;
/** Three points of the first group, one of the second, a hash: then the type, and how long the rest is. */
const POINTS = 3 * 64 + 128 + 64;
/** More than any ceremony has had. */
const MOST = 65_536;
const NAME = 1, BEACON = 1;

/**
 * The contributions that a proving key over BN254 lists, the first one first.
 * @throws {NexusError} `KEY_CORRUPT`
 */
export function contributionsOf(zkey: Uint8Array): Contribution[] {
  const start = sectionAt(zkey, CONTRIBUTIONS);
  if (start === null) throw corruptKey('it does not say who contributed to it');
  const view = new DataView(zkey.buffer, zkey.byteOffset, zkey.length);
  const list: Contribution[] = [];
  try {
    const count = view.getUint32(start + HASH, true);
    if (count > MOST) throw new RangeError(`${count} contributions`);
    let at = start + HASH + 4;
    for (let i = 0; i < count; i++) {
      const type = view.getUint32(at + POINTS, true), bytes = view.getUint32(at + POINTS + 4, true);
      const from = at + POINTS + 8;
      at = from + bytes;
      if (at > zkey.length) throw new RangeError('it ends within one');
      // What is said of it comes in the order of its numbers, the name as the first.
      const named = bytes > 1 && zkey[from] === NAME;
      const name = named ? zkey.subarray(from + 2, Math.min(at, from + 2 + zkey[from + 1]!)) : [];
      list.push({
        name: cleanText(new TextDecoder().decode(Uint8Array.from(name)), 64),
        open: type === BEACON,
      });
    }
  } catch (cause) {
    throw corruptKey('the list of who contributed to it is not whole', cause);
  }
  return list;
}

/**
 * True where no party put a secret of its own into a proving key, by its own word: anybody can work
 * out what forges proofs under it.
 * @throws {NexusError} `KEY_CORRUPT`
 */
export function isOpenSecret(zkey: Uint8Array): boolean {
  return contributionsOf(zkey).every(({ open }) => open);
}

/** A key under which anybody can forge was said to be one of a ceremony. */
export function openSecret(statement: string): NexusError {
  return new NexusError('KEY_INSECURE', `anybody can forge proofs under this key of ${statement}`, {
    hint: 'no party contributed a secret to it, as to a key of development: make one together, ' +
      'docs/ceremony.md; or do not say that it is of a ceremony',
  });
}
