import { equalBytes, plainCopy, toHex } from '../../feeds/base/mod.ts';
import {
  type IdentityRecord,
  type LogRecord,
  verifyEd25519,
  verifyRecordSignature,
} from '../../feeds/records/mod.ts';

/** Identities that are remembered: beyond it, no new ones. */
const MAX_IDENTITIES = 65_536;

/** Who writes which log, from the logs' first blocks as cuts cover them. */
export class Identities {
  readonly #byKey = new Map<string, IdentityRecord>();
  readonly #byCore: Map<string, IdentityRecord>;

  /** @param from who writes which core (hexadecimal), as {@link state} gave it */
  constructor(from: ReadonlyMap<string, IdentityRecord> = new Map()) {
    this.#byCore = new Map(plainCopy(from));
    for (const record of this.#byCore.values()) this.#byKey.set(toHex(record.publicKey), record);
  }

  state(): ReadonlyMap<string, IdentityRecord> {
    return plainCopy(this.#byCore);
  }

  /** @param key hexadecimal */
  get(key: string): IdentityRecord | null {
    return this.#byKey.get(key) ?? null;
  }

  /** Who writes a log. @param core hexadecimal */
  writerOf(core: string): IdentityRecord | null {
    return this.#byCore.get(core) ?? null;
  }

  /** Takes a log's first block in; of two records of one identity the first counts. */
  async take(core: Uint8Array, record: LogRecord): Promise<void> {
    if (record.type !== 'identity' || this.#byCore.size >= MAX_IDENTITIES) return;
    const key = toHex(record.publicKey), known = this.#byKey.get(key);
    const names = [record.jobs, record.artifacts, record.attestations];
    if (!names.some((name) => equalBytes(name, core))) return;
    if (known === undefined) {
      if (!await verifyRecordSignature(record, verifyEd25519)) return;
      this.#byKey.set(key, record);
    } else if (!equalBytes(known.signature, record.signature)) return;
    this.#byCore.set(toHex(core), this.#byKey.get(key)!);
  }
}
