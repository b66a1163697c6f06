import type { FieldBatch, MicroNcu } from '../../feeds/ledger/mod.ts';
import { countBytes } from '../../feeds/base/mod.ts';
import { contextOf } from '../context.ts';
import { rangeElement, rootElement } from '../fields.ts';
import type { CircuitInput } from '../types.ts';

const AMOUNT_BITS = 53;

/** What an `epoch-total` proof says of one batch of receipts. */
export interface TotalStatement {
  /** Id of the network, 32 bytes. */
  network: Uint8Array;
  epoch: number;
  /** Key of the account, 32 bytes. */
  account: Uint8Array;
  /** Which one of how many batches. */
  batch: number;
  batches: number;
  /** Poseidon root over the batch's receipts, 32 bytes. */
  root: Uint8Array;
  /** What they come to. */
  total: MicroNcu;
}

/**
 * The public inputs of an `epoch-total` proof, worked out by its verifier: root, total, context.
 * @throws {NexusError} `PROOF_PUBLICS`: nothing that a proof could show
 */
export function epochTotalPublics(
  { network, epoch, account, batch, batches, root, total }: TotalStatement,
): bigint[] {
  const place = [epoch, batch, batches].map(countBytes);
  return [
    rootElement(root),
    rangeElement(total, AMOUNT_BITS, 'total'),
    contextOf('epoch-total', network, account, ...place),
  ];
}

/**
 * All inputs of the `epoch-total` circuit.
 * @throws {NexusError} `PROOF_PUBLICS`
 */
export function epochTotalInput(
  statement: TotalStatement,
  { receipts }: Pick<FieldBatch, 'receipts'>,
): CircuitInput {
  const [root, total, context] = epochTotalPublics(statement);
  return {
    root: root!,
    total: total!,
    context: context!,
    amounts: receipts.map(([amount]) => amount),
    names: receipts.map(([, name]) => name),
  };
}
