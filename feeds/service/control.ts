import { NexusError } from '../base/mod.ts';
import type { SignedHead } from '../proof/mod.ts';
import { decodeRecord, encodeRecord, type IdentityRecord } from '../records/mod.ts';
import { decodeValue, encodeValue, Fields } from '../wire/mod.ts';

/** Version of `nexus/peer/1`, said in the handshake. */
export const PEER_VERSION = 1;
export const MAX_MEMBERSHIP = 256 * 1024;
export const MAX_ANNOUNCEMENT = 16 * 1024;

/** First message of both sides. */
export interface Hello {
  version: number;
  network: Uint8Array;
  identity: IdentityRecord;
  /** The newest member list, only shown to members. */
  membership: Uint8Array | null;
}

export type RefusalCode =
  | 'OTHER_NETWORK'
  | 'OTHER_VERSION'
  | 'BANNED'
  | 'NOT_A_MEMBER'
  | 'FULL'
  | 'BAD_IDENTITY';

export const REFUSALS: readonly RefusalCode[] = [
  'OTHER_NETWORK',
  'OTHER_VERSION',
  'BANNED',
  'NOT_A_MEMBER',
  'FULL',
  'BAD_IDENTITY',
];

/** What one side decided about the other. A guest may only speak the invite protocol, for a while. */
export type Verdict =
  | { admit: 'yes' }
  | { admit: 'guest' | 'no'; code: RefusalCode; detail: string };

export type Control =
  | { type: 'verdict'; verdict: Verdict }
  | { type: 'ping'; n: number }
  | { type: 'pong'; n: number }
  | { type: 'announcement'; bytes: Uint8Array }
  | { type: 'heads'; heads: SignedHead[] }
  | { type: 'membership'; document: Uint8Array }
  | { type: 'goodbye' };

export function encodeHello(hello: Hello): Uint8Array {
  return encodeValue({ ...hello, identity: encodeRecord(hello.identity) });
}

/** @throws {NexusError} for anything but a hello; signatures are not checked here */
export function decodeHello(bytes: Uint8Array): Hello {
  const fields = new Fields(decodeValue(bytes));
  const identity = decodeRecord(fields.bytes('identity', 4096, true));
  if (identity.type !== 'identity') throw new NexusError('BAD_MESSAGE', 'not an identity record');
  return {
    version: fields.number('version'),
    network: fields.bytes('network', 32),
    identity,
    membership: fields.has('membership') ? fields.bytes('membership', MAX_MEMBERSHIP, true) : null,
  };
}

export function encodeControl(message: Control): Uint8Array {
  return encodeValue(message);
}

/** @throws {NexusError} for anything but a control message */
export function decodeControl(bytes: Uint8Array): Control {
  const fields = new Fields(decodeValue(bytes));
  const type = fields.text('type', 32);
  switch (type) {
    case 'verdict':
      return { type, verdict: verdict(new Fields(fields.raw('verdict'))) };
    case 'ping':
    case 'pong':
      return { type, n: fields.number('n') };
    case 'announcement':
      return { type, bytes: fields.bytes('bytes', MAX_ANNOUNCEMENT, true) };
    case 'membership':
      return { type, document: fields.bytes('document', MAX_MEMBERSHIP, true) };
    case 'heads': {
      const heads = fields.raw('heads');
      if (!Array.isArray(heads) || heads.length > 8) break;
      return { type, heads: heads.map((head) => signedHead(new Fields(head))) };
    }
    case 'goodbye':
      return { type };
  }
  throw new NexusError('BAD_MESSAGE', `unknown control message ${JSON.stringify(type)}`);
}

function verdict(fields: Fields): Verdict {
  const admit = fields.text('admit', 8);
  if (admit === 'yes') return { admit };
  const code = fields.text('code', 32) as RefusalCode;
  if ((admit !== 'guest' && admit !== 'no') || !REFUSALS.includes(code)) {
    throw new NexusError('BAD_MESSAGE', 'unknown verdict');
  }
  return { admit, code, detail: fields.text('detail', 500) };
}

function signedHead(fields: Fields): SignedHead {
  return {
    key: fields.bytes('key', 32),
    length: fields.number('length'),
    fork: fields.number('fork'),
    treeHash: fields.bytes('treeHash', 32),
    signature: fields.bytes('signature', 512, true),
    manifest: fields.bytes('manifest', 2048, true),
  };
}
