import {
  type Receipt,
  type ReceiptVerdict,
  verifyReceipt as verifyParts,
} from '../../feeds/proof/mod.ts';
import { pathsOf } from '../home/mod.ts';
import type { HomeOptions } from './options.ts';

/**
 * Checks a receipt offline: signatures, proofs that the entries stand in their authors' logs, that
 * everything is about the same job, that prompt and output are the committed ones where it is opened,
 * and the zero-knowledge proofs of sampling that it carries, as `nexus verify` does. Never throws on
 * what a file may hold.
 *
 * @example
 * ```ts
 * import { run, verifyReceipt } from './mod.ts';
 *
 * for await (const event of run('Hello', { model: 'austen-3.7m', maxTokens: 8 })) {
 *   if (event.event !== 'done' || event.receipt === null) continue;
 *   const { ok, checks, establishes } = await verifyReceipt(await Deno.readTextFile(event.receipt));
 *   console.log(ok ? establishes : checks.filter((check) => !check.ok));
 *   if (!ok) Deno.exit(4);
 * }
 * ```
 *
 * @param receipt the text of the file, or what `parseReceipt` made of it (without the checksum then)
 * @param options the home whose networks and keys of proofs are known; a proof under another key than
 * its network pins, or under one that is not here, fails the receipt
 */
export async function verifyReceipt(
  receipt: string | Receipt,
  { home }: Pick<HomeOptions, 'home'> = {},
): Promise<ReceiptVerdict> {
  return await verifyParts(receipt, {
    // Few receipts carry a proof, and circuits take a second to load.
    sampling: async (claim) => {
      const { homeSampledReader, sampledCheck } = await import('../prover/mod.ts');
      return await sampledCheck(homeSampledReader(pathsOf(home)))(claim);
    },
  });
}
