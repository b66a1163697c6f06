import { fromHex, toHex, verifyEd25519 } from '../../feeds/base/mod.ts';
import { logOf } from '../../feeds/proof/mod.ts';
import { decodeRecord, verifyRecordSignature } from '../../feeds/records/mod.ts';
import type { LogSource } from './sources.ts';

/** Logs whose owners are remembered. */
const MAX_OWNERS = 4096;

/** Whose logs are here, by what their first entries say and sign. */
export class Owners {
  readonly #source: Pick<LogSource, 'read'>;
  readonly #known = new Map<string, string | null>();

  constructor(source: Pick<LogSource, 'read'>) {
    this.#source = source;
  }

  /** @param core key of a log @returns identity, hexadecimal as the key; null: nobody's */
  async of(core: string): Promise<string | null> {
    const known = this.#known.get(core);
    if (known !== undefined) return known;
    const owner = await this.#read(fromHex(core));
    this.#known.set(core, owner);
    if (this.#known.size > MAX_OWNERS) this.#known.delete(this.#known.keys().next().value!);
    return owner;
  }

  async #read(core: Uint8Array): Promise<string | null> {
    for await (const { value } of this.#source.read(core, { start: 0, end: 1 })) {
      return value === null ? null : await ownerOf(value, core);
    }
    return null;
  }
}

async function ownerOf(block: Uint8Array, core: Uint8Array): Promise<string | null> {
  try {
    const record = decodeRecord(block);
    if (record.type !== 'identity' || logOf(record, core) === null) return null;
    return await verifyRecordSignature(record, verifyEd25519) ? toHex(record.publicKey) : null;
  } catch {
    return null;
  }
}
