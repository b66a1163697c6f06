import { fromHex, NexusError, toHex } from '../base/mod.ts';
import { JsonFields } from '../proof/mod.ts';
import type { Hex } from '../trust/mod.ts';
import { bitOf, branchHash } from './account_tree.ts';
import { leafHash, MOST_UNBONDING, restHash } from './encode.ts';
import { combineRoot, ledgerTreeOf, type RootInput } from './root.ts';
import type { Account } from './types.ts';

/** Format of a proof's file. */
export const ACCOUNT_PROOF_FORMAT = 'nexus-account-proof/1';
/** Characters of a proof's file at most. */
export const MOST_PROOF_TEXT = 1024 * 1024;

/** An account with all that leads from it to the ledger's root. JSON-able. */
export interface AccountProof {
  format: typeof ACCOUNT_PROOF_FORMAT;
  /** Id of the network. */
  network: Hex;
  /** Of the cut after which the account stood so; null before the first. */
  epoch: number | null;
  account: Account;
  /** From the leaf up: the bit in which keys part there, and the hash of the other side. */
  path: readonly { bit: number; sibling: Hex }[];
  /** Hash of totals and prices. */
  rest: Hex;
}

/** What a proof shows, if its root is the ledger's. */
export interface ProvenAccount {
  /** 32 bytes. */
  root: Uint8Array;
  account: Account;
  epoch: number | null;
  network: Hex;
}

/**
 * Makes the proof of an account.
 * @throws {NexusError} `ACCOUNT_UNKNOWN`
 */
export function proveAccount(ledger: RootInput, account: Account): AccountProof {
  const path = ledgerTreeOf(ledger).path(account.key);
  if (path === null) {
    throw new NexusError('ACCOUNT_UNKNOWN', `the ledger has no account ${account.key}`, {
      hint: 'an identity has one from the cut on that covers its first entry',
    });
  }
  return {
    format: ACCOUNT_PROOF_FORMAT,
    network: toHex(ledger.network),
    epoch: ledger.epoch,
    account: structuredClone(account),
    path: path.map(({ bit, sibling }) => ({ bit, sibling: toHex(sibling) })),
    rest: toHex(restHash(ledger.totals, ledger.prices)),
  };
}

/**
 * Recomputes the root that a proof leads to. Needs nothing but the proof: whoever believes the root
 * believes the account.
 * @param root which it must be, 32 bytes; left out, compare the result's with a root that is certified
 * @throws {NexusError} `ACCOUNT_PROOF_BAD`, `ACCOUNT_PROOF_ROOT`; `BAD_HEX`, `RECORD_BAD_FIELD` for what
 * {@link parseAccountProof} has not read
 */
export function checkAccount(proof: AccountProof, root?: Uint8Array): ProvenAccount {
  const key = fromHex(proof.account.key, 32);
  let node = leafHash(proof.account);
  let below = 256;
  for (const { bit, sibling } of proof.path) {
    if (!Number.isInteger(bit) || bit < 0 || bit >= below) throw bad('path: its bits do not fall');
    below = bit;
    const other = fromHex(sibling, 32);
    node = bitOf(key, bit) === 1 ? branchHash(bit, other, node) : branchHash(bit, node, other);
  }
  const rest = fromHex(proof.rest, 32), network = fromHex(proof.network, 32);
  const found = combineRoot(network, proof.epoch, node, rest);
  if (root !== undefined && toHex(root) !== toHex(found)) {
    throw new NexusError('ACCOUNT_PROOF_ROOT', 'the proof leads to another root', {
      hint: 'compare network and epoch with those of the root: both must be of the same cut',
    });
  }
  return { root: found, account: proof.account, epoch: proof.epoch, network: proof.network };
}

const read = new JsonFields(bad);
const MEMBERS = ['format', 'network', 'epoch', 'account', 'path', 'rest'] as const;
const COUNTS = [
  'available',
  'escrow',
  'pending',
  'bonded',
  'owed',
  'reputation',
  'violations',
  'verified',
  'failed',
  'served',
  'earned',
  'spent',
] as const satisfies readonly (keyof Account)[];

/**
 * Reads a proof's file, which anybody may have written.
 * @throws {NexusError} `ACCOUNT_PROOF_BAD`
 */
export function parseAccountProof(text: string): AccountProof {
  if (text.length > MOST_PROOF_TEXT) throw bad(`it is longer than ${MOST_PROOF_TEXT} characters`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw bad('it is no JSON', cause);
  }
  const fields = read.members(json, 'proof', MEMBERS);
  if (fields.format !== ACCOUNT_PROOF_FORMAT) throw read.bad('format', ACCOUNT_PROOF_FORMAT);
  return {
    format: ACCOUNT_PROOF_FORMAT,
    network: hex(fields.network, 'network'),
    epoch: fields.epoch === null ? null : read.whole(fields.epoch, 'epoch', 0xffff_ffff),
    account: readAccount(fields.account),
    path: read.list(fields.path, 'path', 256, (json, where) => {
      const { bit, sibling } = read.members(json, where, ['bit', 'sibling']);
      return { bit: read.whole(bit, `${where}.bit`, 255), sibling: hex(sibling, where) };
    }),
    rest: hex(fields.rest, 'rest'),
  };
}

function readAccount(json: unknown): Account {
  const where = 'account';
  const fields = read.members(json, where, [...COUNTS, 'key', 'unbonding', 'status', 'secret']);
  const counts = Object.fromEntries(
    COUNTS.map((name) => [name, read.whole(fields[name], `${where}.${name}`)]),
  ) as Record<(typeof COUNTS)[number], number>;
  const { status } = fields;
  if (status !== 'active' && status !== 'banned') {
    throw read.bad(`${where}.status`, 'active, banned');
  }
  return {
    ...counts,
    key: hex(fields.key, `${where}.key`),
    unbonding: read.list(fields.unbonding, `${where}.unbonding`, MOST_UNBONDING, (json, at) => {
      const { amount, cut } = read.members(json, at, ['amount', 'cut']);
      return { amount: read.whole(amount, `${at}.amount`), cut: read.whole(cut, `${at}.cut`) };
    }),
    status,
    secret: fields.secret === null ? null : hex(fields.secret, `${where}.secret`),
  };
}

function hex(json: unknown, where: string): Hex {
  return toHex(read.hex(json, where, 32));
}

function bad(what: string, cause?: unknown): NexusError {
  return new NexusError('ACCOUNT_PROOF_BAD', `not an account proof: ${what}`, {
    hint: 'take nothing of it as proven; make it again with nexus ledger prove',
    ...(cause === undefined ? {} : { cause }),
  });
}
