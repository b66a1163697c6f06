import { NexusError, toHex } from '../base/mod.ts';
import {
  decodeRecord,
  encodeRecord,
  type IdentityRecord,
  importSigner,
  type LogName,
  signRecord,
} from '../records/mod.ts';
import { type Keys, LOGS, unsignedIdentity } from './keys.ts';
import type { Core, Store } from './native.ts';

/** Blocks of one call, at most. */
export const MAX_BLOCKS = 4096;

/** The three logs of this identity. */
export class Logs {
  readonly identity: IdentityRecord;
  readonly #cores: Record<LogName, Core>;

  private constructor(identity: IdentityRecord, cores: Record<LogName, Core>) {
    this.identity = identity;
    this.#cores = cores;
  }

  /** Opens the logs; a new one begins with the identity record. */
  static async open(store: Store, keys: Keys, seed: Uint8Array): Promise<Logs> {
    const open = (name: LogName) => store.get({ keyPair: keys.logs[name] });
    const cores = {
      jobs: open('jobs'),
      artifacts: open('artifacts'),
      attestations: open('attestations'),
    };
    await Promise.all(LOGS.map((name) => cores[name].ready()));
    const identity = await firstRecord(cores.jobs, keys) ?? await newIdentity(keys, cores, seed);
    const block = encodeRecord(identity);
    for (const name of LOGS) if (cores[name].length === 0) await cores[name].append([block]);
    return new Logs(identity, cores);
  }

  core(name: LogName): Core {
    return this.#cores[name];
  }

  all(): Core[] {
    return LOGS.map((name) => this.#cores[name]);
  }

  byKey(key: Uint8Array): Core | null {
    const name = toHex(key);
    return this.all().find((core) => toHex(core.key) === name) ?? null;
  }

  /** Resolves when the blocks are in the write-ahead log. */
  async append(name: LogName, blocks: Uint8Array[]): Promise<{ index: number; length: number }> {
    if (blocks.length > MAX_BLOCKS) {
      throw new NexusError('BATCH_TOO_LARGE', `${blocks.length} blocks in one call`, {
        hint: `append at most ${MAX_BLOCKS} at a time`,
      });
    }
    const { length } = await this.#cores[name].append(blocks);
    return { index: length - blocks.length, length };
  }
}

async function firstRecord(core: Core, keys: Keys): Promise<IdentityRecord | null> {
  if (core.length === 0) return null;
  const block = await core.get(0, { wait: false });
  if (block === null) return null;
  const record = decodeRecord(new Uint8Array(block));
  if (record.type !== 'identity' || toHex(record.publicKey) !== toHex(keys.identity.publicKey)) {
    throw new NexusError('LOG_CORRUPT', 'the first entry of the jobs log is not this identity', {
      hint: 'restore the home folder from a backup, or start with a new one',
    });
  }
  return record;
}

async function newIdentity(
  keys: Keys,
  cores: Record<LogName, Core>,
  seed: Uint8Array,
): Promise<IdentityRecord> {
  const signer = await importSigner(seed);
  const cores32 = {
    jobs: cores.jobs.key,
    artifacts: cores.artifacts.key,
    attestations: cores.attestations.key,
  };
  return await signRecord<IdentityRecord>(unsignedIdentity(keys, seed, cores32), signer.sign);
}
