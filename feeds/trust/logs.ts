import { asNexusError, equalBytes, NexusError, toHex } from '../base/mod.ts';
import {
  decodeRecord,
  type IdentityRecord,
  jobId,
  type JobRecord,
  type LogName,
  type LogRecord,
  recordHash,
  type VerifyFunction,
  verifyRecordSignature,
} from '../records/mod.ts';
import type { Hex, Place, TrustCut, TrustEntry } from './types.ts';
import type { World } from './world.ts';

/** An entry of a known identity's log. */
export interface Known<T extends LogRecord = LogRecord> {
  owner: Hex;
  /** 32 bytes of the same. */
  ownerKey: Uint8Array;
  log: LogName;
  place: Place;
  record: T;
  /** Encoded. */
  bytes: Uint8Array;
  /** What {@link isOwnJob} and {@link entryHash} found: more than one fold asks. */
  ownJob?: boolean;
  hash?: Hex;
}

/** `recordHash` of an entry. */
export function entryHash(entry: Known): Hex {
  return entry.hash ??= toHex(recordHash(entry.bytes));
}

/** True if an offer is its author's own, and its id follows from what it says. */
export function isOwnJob(entry: Known<JobRecord>): boolean {
  const { requester, prompt, nonce, keyHash, job } = entry.record;
  return entry.ownJob ??= equalBytes(requester, entry.ownerKey) &&
    equalBytes(jobId(requester, prompt, nonce, keyHash), job);
}

/** Which log may hold which entries that the fold looks at. Others are no concern of it. */
const LOGS: Partial<Record<LogRecord['type'], readonly LogName[]>> = {
  job: ['jobs'],
  settle: ['jobs'],
  capability: ['artifacts'],
  artifact: ['artifacts'],
  claim: ['artifacts'],
  open: ['jobs', 'artifacts'],
  beaconChain: ['attestations'],
  beaconReveal: ['attestations'],
  auditor: ['attestations'],
  calibration: ['attestations'],
  request: ['attestations'],
  verdictCommit: ['attestations'],
  verdictReveal: ['attestations'],
  canary: ['attestations'],
  canaryReveal: ['attestations'],
  bond: ['artifacts'],
  unbond: ['artifacts'],
  equivocation: ['attestations'],
  proof: ['artifacts'],
  ledgerRoot: ['attestations'],
  figures: ['artifacts'],
  fingerprint: ['attestations'],
};

interface Owner {
  key: Uint8Array;
  name: LogName;
}

/** What {@link Logs} knows. */
export interface LogsState {
  cores: Map<Hex, Owner>;
  identities: Map<Hex, Hex>;
}

/** Whose logs the covered cores are. */
export class Logs {
  readonly #verify: VerifyFunction;
  readonly #network: Hex;
  #cores = new Map<Hex, Owner>();
  /** By identity, the hash of its first identity record: a second set of logs counts for nothing. */
  #identities = new Map<Hex, Hex>();

  constructor(network: Uint8Array, verify: VerifyFunction) {
    this.#network = toHex(network);
    this.#verify = verify;
  }

  state(): LogsState {
    return { cores: this.#cores, identities: this.#identities };
  }

  load({ cores, identities }: LogsState): void {
    this.#cores = cores;
    this.#identities = identities;
  }

  /** What of a cut's blocks counts, in the order of cores and indices. */
  async read(blocks: readonly Block[], world: World): Promise<Known[]> {
    const known: Known[] = [];
    for (const { core, index, bytes } of blocks) {
      const place: Place = { core, index, cut: world.cut };
      let record: LogRecord;
      try {
        record = decodeRecord(bytes);
      } catch (thrown) {
        world.refuse('undecodable', place, asNexusError(thrown).code);
        continue;
      }
      if (index === 0) {
        const fault = record.type === 'identity'
          ? await this.#bind(core, record, bytes)
          : 'it begins with another entry';
        const owner = this.#cores.get(core);
        if (fault !== null) world.refuse('identity', place, fault);
        else known.push({ ...knownOf(owner!), place, record, bytes });
        continue;
      }
      const owner = this.#cores.get(core);
      const logs = LOGS[record.type];
      if (owner === undefined || logs === undefined) continue;
      if ('network' in record && toHex(record.network) !== this.#network) continue;
      if (!logs.includes(owner.name)) {
        world.refuse('wrong-log', place, `a ${record.type} in the ${owner.name} log`);
        continue;
      }
      known.push({ ...knownOf(owner), place, record, bytes });
    }
    return known;
  }

  async #bind(core: Hex, identity: IdentityRecord, bytes: Uint8Array): Promise<string | null> {
    const owner = toHex(identity.publicKey), hash = toHex(recordHash(bytes));
    const name = (['jobs', 'artifacts', 'attestations'] as const)
      .find((log) => toHex(identity[log]) === core);
    if (name === undefined) return 'its identity does not name it';
    const first = this.#identities.get(owner);
    if (first === undefined) {
      if (!await verifyRecordSignature(identity, this.#verify)) return 'it is not signed';
      this.#identities.set(owner, hash);
    } else if (first !== hash) {
      return 'its identity has other logs already';
    }
    this.#cores.set(core, { key: identity.publicKey.slice(), name });
    return null;
  }
}

function knownOf({ key, name }: Owner): Pick<Known, 'owner' | 'ownerKey' | 'log'> {
  return { owner: toHex(key), ownerKey: key, log: name };
}

/** A block with its core's key in hexadecimal. */
export interface Block {
  core: Hex;
  index: number;
  bytes: Uint8Array;
}

/**
 * The blocks of a cut in the order of cores and indices.
 * @throws {NexusError} `TRUST_ENTRIES` unless every block that it covers is there
 */
export function blocksOf(cut: TrustCut, entries: readonly TrustEntry[]): Block[] {
  const given = new Map<Hex, Map<number, Uint8Array>>();
  let last: Uint8Array | null = null, ofLast = new Map<number, Uint8Array>();
  for (const { core, index, bytes } of entries) {
    // They come log after log.
    if (core !== last) {
      const key = toHex(core);
      ofLast = given.get(key) ?? new Map();
      given.set(key, ofLast);
      last = core;
    }
    ofLast.set(index, bytes);
  }
  const spans = cut.spans.map(({ core, from, to }) => ({ core: toHex(core), from, to }))
    .sort((a, b) => a.core < b.core ? -1 : 1);
  const blocks: Block[] = [];
  for (const { core, from, to } of spans) {
    const log = given.get(core);
    for (let index = from; index < to; index++) {
      const bytes = log?.get(index);
      if (bytes !== undefined) {
        blocks.push({ core, index, bytes });
        continue;
      }
      throw new NexusError('TRUST_ENTRIES', `block ${index} of a log of the cut is missing`, {
        hint: 'replicate what the cut covers, then take it again',
        peer: core,
      });
    }
  }
  return blocks;
}
