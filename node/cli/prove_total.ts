import { counted, fromHex, ncuText, NexusError } from '../../feeds/base/mod.ts';
import type { FieldReceiptsAnswer } from '../control/mod.ts';
import { proveTotal, totalOf, totalText } from '../proofs/mod.ts';
import { openContext } from './context.ts';
import { FORGEABLE, pinnedKey } from './pinned_key.ts';
import { ledgerCall } from './ledger_call.ts';
import type { Output } from './output.ts';
import { writeProofFile } from './proof_file.ts';

export interface TotalFlags {
  home?: string | undefined;
  out?: string | undefined;
  epoch?: number | undefined;
}

/** `nexus prove total` */
export async function proveOwnTotal(
  flags: TotalFlags,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  const { epoch } = flags;
  if (epoch === undefined) {
    throw new NexusError('USAGE', 'a total is that of one epoch', {
      hint: 'name it: --epoch <cut>; nexus ledger lists them',
    });
  }
  const context = await openContext({ home: flags.home });
  const answer = await ledgerCall(context, 'fieldReceipts', { epoch }, signal);
  const { network, account, root, certified, path, batches } = answer as FieldReceiptsAnswer;
  await out.note(`proving ${counted(batches.length, 'batch', 'batches')}: some seconds each`);
  const placed = {
    root: new Uint8Array(32),
    index: path.index,
    siblings: path.siblings.map((one) => fromHex(one, 32)),
    total: 0,
    batches: batches.map(({ root, receipts }) => ({
      root: fromHex(root, 32),
      receipts: receipts.map(([amount, name]) => [BigInt(amount), BigInt(name)] as const),
    })),
  };
  const { key, insecure } = await pinnedKey(context, 'epoch-total', network);
  const proof = await proveTotal(
    {
      network: fromHex(network, 32),
      epoch,
      account: fromHex(account, 32),
      receipts: fromHex(root, 32),
      own: placed,
      onBatch: (done, of) => void (of > 1 && out.note(`${done} of ${of}`)),
    },
    signal,
    key,
  );
  const file = flags.out ?? `epoch-${epoch}.total`;
  await writeProofFile(file, totalText(proof));
  const total = totalOf(proof);
  const fields = { network, epoch, account, receipts: root, certified, total, insecure };
  await out.event({ event: 'proof-written', statement: 'epoch-total', path: file, ...fields });
  await out.result(file);
  await out.note(`account ${account.slice(0, 8)} was paid ${ncuText(total)} NCU in epoch ${epoch}`);
  if (insecure) await out.warn(FORGEABLE);
  if (!certified) await out.note('the witnesses vouch for the root with the next cuts');
}
