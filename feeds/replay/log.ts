import type { IdentityRecord, LogName, LogRecord } from '../records/mod.ts';
import { logOf } from '../proof/mod.ts';
import { Holdings } from './holdings.ts';
import { bytesOf, hexOf, type Key, keyOf } from './keys.ts';
import type { Finding, FindingCode, LogInput } from './types.ts';

/** What may stand in which log. Other kinds there count for nothing. */
const KINDS: Record<LogName, readonly LogRecord['type'][]> = {
  jobs: ['identity', 'job', 'settle', 'open'],
  artifacts: [
    'identity',
    'capability',
    'artifact',
    'claim',
    'open',
    'bond',
    'unbond',
    'figures',
    'proof',
  ],
  attestations: [
    'identity',
    'proposal',
    'vote',
    'beaconChain',
    'beaconReveal',
    'auditor',
    'calibration',
    'request',
    'verdictCommit',
    'verdictReveal',
    'canary',
    'canaryReveal',
    'equivocation',
    'ledgerRoot',
    'fingerprint',
  ],
};

/** What the fold knows of one log. */
export class Log {
  readonly key: Key;
  readonly length: number;
  readonly fork: number;
  readonly holdings = new Holdings();
  /** Tree hash of the head, once verified. */
  treeHash: Key | null = null;
  /** False: the head is forged, and nothing in the log counts. */
  believed = true;
  /** Block 0, if it is an identity record. */
  identity: IdentityRecord | null = null;
  /** Whose log it is; null while unknown. */
  owner: Key | null = null;
  name: LogName | null = null;
  /** Valid entries. */
  entries = 0;

  constructor(input: LogInput) {
    this.key = keyOf(input.key);
    this.length = input.length;
    this.fork = input.fork;
  }

  /** True if every block below the length is held. */
  get complete(): boolean {
    return this.believed && this.holdings.held === this.length;
  }

  /** True if the log may hold such an entry. */
  admits(type: LogRecord['type']): boolean {
    return this.name !== null && KINDS[this.name].includes(type);
  }

  finding(code: FindingCode, index: number | null, detail: string): Finding {
    return { code, core: hexOf(this.key), index, detail };
  }

  /** Takes the owner from an identity record; false if the record does not name this log. */
  bind(identity: IdentityRecord): boolean {
    const name = logOf(identity, bytesOf(this.key));
    if (name === null) return false;
    this.name = name;
    this.owner = keyOf(identity.publicKey);
    return true;
  }

  unbind(): void {
    this.name = null;
    this.owner = null;
  }
}
