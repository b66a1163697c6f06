import { deserialize, serialize } from 'node:v8';
import { concatBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import { PRINT_STATE } from '../../feeds/fingerprints/mod.ts';
import { LEDGER_STATE } from '../../feeds/ledger/mod.ts';
import { SAMPLING_STATE } from '../../feeds/sampling/mod.ts';
import { TRUST_STATE } from '../../feeds/trust/mod.ts';
import { readBytes, remove, sweepDrafts, writeFileAtomic } from '../home/mod.ts';
import type { Snapshot } from './types.ts';

/** A snapshot that is larger is neither written nor read: 256 MiB. */
export const MAX_BYTES = 256 * 1024 * 1024;
const MAX_HEAD = 512;
const STATES = [TRUST_STATE, LEDGER_STATE, SAMPLING_STATE, PRINT_STATE];
const FORMAT = `nexus-snapshot/1 ${STATES.join(' ')}`;

const NEWLINE = 10;
const utf8 = new TextEncoder();

/** The first line, with the `sha256` of all but that. */
interface Head {
  format: string;
  program: string;
  network: string;
  identity: string;
}

/** Whose snapshot it is: that of anything else is ignored. */
export interface SnapshotOwner {
  /** Version of this program: another one may fold otherwise. */
  program: string;
  /** Id of the network. */
  network: Uint8Array;
  /** Key of this node. */
  identity: Uint8Array;
}

/**
 * A snapshot on disk (0600): a line of JSON that says whose it is, with the hash of the whole, then
 * what `node:v8` made of it.
 */
export class SnapshotFile {
  readonly path: string;
  readonly #head: Head;

  constructor(path: string, { program, network, identity }: SnapshotOwner) {
    this.path = path;
    this.#head = {
      format: FORMAT,
      program,
      network: toHex(network),
      identity: toHex(identity),
    };
  }

  /**
   * Null if there is none.
   * @throws {NexusError} `SNAPSHOT_DAMAGED`, `SNAPSHOT_OTHER_VERSION`, `SNAPSHOT_FOREIGN`,
   * `FILE_TOO_LARGE`, `FILE_IRREGULAR`
   */
  async read(): Promise<Snapshot | null> {
    const bytes = await readBytes(this.path, MAX_BYTES);
    if (bytes === null) return null;
    const end = bytes.subarray(0, MAX_HEAD).indexOf(NEWLINE);
    const { sha256, ...head } = headOf(bytes.subarray(0, Math.max(0, end)));
    const body = bytes.subarray(end + 1);
    if (await hashOf(head, body) !== sha256) throw this.#refused('SNAPSHOT_DAMAGED', 'is damaged');
    const { format, program, ...owner } = this.#head;
    if (head.format !== format || head.program !== program) {
      throw this.#refused('SNAPSHOT_OTHER_VERSION', 'is of another version of this program');
    }
    if (head.network !== owner.network || head.identity !== owner.identity) {
      throw this.#refused('SNAPSHOT_FOREIGN', 'is of another network or identity');
    }
    return deserialize(body);
  }

  /** @throws {NexusError} `SNAPSHOT_TOO_LARGE`; what was there stays then, as with all that fails */
  async write(snapshot: Snapshot): Promise<{ bytes: number }> {
    const body = new Uint8Array(serialize(snapshot));
    if (body.length + MAX_HEAD > MAX_BYTES) {
      throw new NexusError('SNAPSHOT_TOO_LARGE', `a snapshot of ${body.length} bytes is not kept`, {
        hint: 'a restart reads what came since the last one that was',
      });
    }
    const head = { ...this.#head, sha256: await hashOf(this.#head, body) };
    const whole = concatBytes(utf8.encode(`${JSON.stringify(head)}\n`), body);
    await writeFileAtomic(this.path, whole);
    return { bytes: whole.length };
  }

  async remove(): Promise<void> {
    await remove(this.path);
  }

  /** Removes what writes left behind that were killed. */
  async sweep(): Promise<void> {
    await sweepDrafts(this.path);
  }

  #refused(code: string, what: string): NexusError {
    return new NexusError(code, `${this.path} ${what}: the cuts are read from the first on`, {
      hint: 'nothing is lost, it is written anew',
    });
  }
}

/** Nothing of what is no head. */
function headOf(line: Uint8Array): Partial<Head> & { sha256?: unknown } {
  try {
    return { ...JSON.parse(new TextDecoder().decode(line)) };
  } catch {
    return {};
  }
}

async function hashOf(head: Partial<Head>, body: Uint8Array): Promise<string> {
  const whole = concatBytes(utf8.encode(JSON.stringify(head)), body);
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', whole)));
}
