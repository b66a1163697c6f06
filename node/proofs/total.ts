import { counted, equalBytes, fromHex, ncuText, NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  batchesRoot,
  fieldRoot,
  type PlacedReceipts,
  RECEIPTS_DEPTH,
  RECEIPTS_PER_BATCH,
  receiptsLeaf,
} from '../../feeds/ledger/mod.ts';
import { JsonFields } from '../../feeds/proof/mod.ts';
import {
  epochTotalInput,
  epochTotalPublics,
  PROOF_BYTES,
  prove,
  type StoredKey,
  verifyProofs,
} from '../../circuits/mod.ts';
import { loadPoseidon } from '../poseidon/mod.ts';
import {
  checked,
  checkKey,
  checkRoot,
  type ProofCheck,
  type ProofVerdict,
  type Reader,
  rootCaveats,
  underRoot,
} from './verdict.ts';

export const TOTAL_FORMAT = 'nexus-total-proof/1';
/** Batches of one file, at most. */
export const MOST_BATCHES = 1024;

/** A proof of what one account was paid in one epoch, as in its file. */
export interface TotalProof {
  network: Uint8Array;
  epoch: number;
  account: Uint8Array;
  /** Poseidon root over all that was paid in the epoch, and the way to it from the account's leaf. */
  receipts: Uint8Array;
  index: number;
  siblings: readonly Uint8Array[];
  /** All of the account's; a proof each. */
  batches: readonly { root: Uint8Array; total: number; proof: Uint8Array }[];
  /** Hash of the verification key. */
  key: Uint8Array;
}

export interface TotalOptions {
  network: Uint8Array;
  epoch: number;
  account: Uint8Array;
  /** Root of the epoch's tree. */
  receipts: Uint8Array;
  own: PlacedReceipts;
  onBatch?: (done: number, of: number) => void;
}

/**
 * Proves what an account was paid in an epoch: a proof a batch, seconds of this thread each.
 * @param key under which it is to count
 * @throws {NexusError} `TOTAL_TOO_LONG`, `PROOF_WITNESS`, `KEY_UNKNOWN`, `KEY_CORRUPT`
 */
export async function proveTotal(
  options: TotalOptions,
  signal: AbortSignal,
  key: StoredKey,
): Promise<TotalProof> {
  const { network, epoch, account, receipts, own, onBatch = () => {} } = options;
  const all = own.batches;
  if (all.length > MOST_BATCHES) {
    throw new NexusError('TOTAL_TOO_LONG', `the epoch has ${all.length} batches of receipts`, {
      hint: `at most ${MOST_BATCHES} go into one file; show the receipts themselves`,
    });
  }
  const batches: TotalProof['batches'][number][] = [];
  for (const [batch, one] of all.entries()) {
    const total = Number(one.receipts.reduce((sum, [amount]) => sum + amount, 0n));
    const { root } = one;
    const statement = { network, epoch, account, batch, batches: all.length, root, total };
    const { proof } = await prove('epoch-total', epochTotalInput(statement, one), signal, key);
    batches.push({ root, total, proof });
    onBatch(batches.length, all.length);
  }
  const { index, siblings } = own;
  const hash = fromHex(key.hash, 32);
  return { network, epoch, account, receipts, index, siblings, batches, key: hash };
}

/** What the account was paid, if the proof holds. */
export function totalOf({ batches }: Pick<TotalProof, 'batches'>): number {
  return batches.reduce((sum, { total }) => sum + total, 0);
}

/** Looks at a proof's file. */
export async function checkTotal(file: TotalProof, reader: Reader): Promise<ProofVerdict> {
  const network = toHex(file.network), root = toHex(file.receipts), account = toHex(file.account);
  const { epoch, batches } = file;
  const key = await checkKey('epoch-total', network, file.key, reader);
  const checks: ProofCheck[] = [key.check];
  if (key.key !== null) checks.push(await checkProofs(file, key.key));
  checks.push(await checkPath(file));
  const word = await reader.root(network, epoch, 'receipts', root);
  checks.push(checkRoot(root, word, epoch));
  const ok = checks.every((one) => one.ok);
  return {
    ok,
    insecure: key.insecure,
    checks,
    establishes: !ok ? [] : [
      `the receipts of account ${account}, none of them shown, sum to ${ncuText(totalOf(file))} ` +
      `NCU, each a whole number of micro-NCU from 0 up, as they are committed ${
        underRoot(root, word, `what was paid in epoch ${epoch} of network ${network}`)
      }`,
    ],
    doesNotEstablish: [
      'that the receipts are hidden from everybody: they follow from the network’s logs, which are ' +
      'public; the proof spares you from reading these, and shows none of them',
      `how many receipts there are, beyond at most ${batches.length * RECEIPTS_PER_BATCH}; what ` +
      `each of ${counted(batches.length, 'batch', 'batches')} comes to is shown`,
      'that the account still has it: refunds and slashes come later',
      ...rootCaveats(word, key.insecure),
    ],
  };
}

function checkProofs(file: TotalProof, key: StoredKey): Promise<ProofCheck> {
  const { batches: all, network, epoch, account } = file;
  return checked('proofs', async () => {
    const held = await verifyProofs(all.map(({ root, total, proof }, batch) => ({
      statement: 'epoch-total',
      proof,
      publics: epochTotalPublics({
        network,
        epoch,
        account,
        batch,
        batches: all.length,
        root,
        total,
      }),
      key,
    })));
    const wrong = held.filter((one) => !one).length;
    const detail = wrong === 0
      ? `${all.length} of Groth16, with what this file says`
      : `${wrong} of ${all.length} do not show what this file says`;
    return { ok: wrong === 0, detail };
  });
}

async function checkPath(file: TotalProof): Promise<ProofCheck> {
  const field = await loadPoseidon();
  let found: Uint8Array | null = null;
  try {
    const own = batchesRoot(field, file.batches.map(({ root }) => root));
    found = fieldRoot(field, receiptsLeaf(field, toHex(file.account), own), file);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
  }
  const ok = found !== null && equalBytes(found, file.receipts);
  const detail = ok
    ? 'all batches of the account, and none else, lead to the root'
    : 'the batches do not lead to the root that the file names';
  return { name: 'path', ok, detail };
}

export function totalText(file: TotalProof): string {
  const { network, epoch, account, receipts, index, siblings, batches, key } = file;
  const json = {
    format: TOTAL_FORMAT,
    network: toHex(network),
    epoch,
    account: toHex(account),
    receipts: toHex(receipts),
    index,
    siblings: siblings.map(toHex),
    batches: batches.map(({ root, total, proof }) => ({
      root: toHex(root),
      total,
      proof: toHex(proof),
    })),
    key: toHex(key),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

const read = new JsonFields(bad);

/**
 * Reads a proof's file, which anybody may have written.
 * @throws {NexusError} `PROOF_FILE_BAD`
 */
export function parseTotal(json: unknown): TotalProof {
  const from = read.members(json, 'proof', [
    'format',
    'network',
    'epoch',
    'account',
    'receipts',
    'index',
    'siblings',
    'batches',
    'key',
  ]);
  if (from.format !== TOTAL_FORMAT) throw read.bad('format', TOTAL_FORMAT);
  const hash = (json: unknown, where: string) => read.hex(json, where, 32);
  const batches = read.list(from.batches, 'batches', MOST_BATCHES, (json, where) => {
    const { root, total, proof } = read.members(json, where, ['root', 'total', 'proof']);
    return {
      root: hash(root, where),
      total: read.whole(total, where),
      proof: read.hex(proof, where, PROOF_BYTES),
    };
  });
  if (batches.length === 0) throw read.bad('batches', 'at least one');
  if (!Number.isSafeInteger(totalOf({ batches }))) throw read.bad('batches', 'a sum below 2^53');
  return {
    network: hash(from.network, 'network'),
    epoch: read.whole(from.epoch, 'epoch', 0xffff_ffff),
    account: hash(from.account, 'account'),
    receipts: hash(from.receipts, 'receipts'),
    index: read.whole(from.index, 'index', 2 ** RECEIPTS_DEPTH - 1),
    siblings: read.list(from.siblings, 'siblings', RECEIPTS_DEPTH, hash),
    batches,
    key: hash(from.key, 'key'),
  };
}

function bad(what: string): NexusError {
  return new NexusError('PROOF_FILE_BAD', `not a proof of a total: ${what}`, {
    hint: 'take nothing of it as proven; ask for it again (nexus prove total)',
  });
}
