import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { parseReceipt, type Receipt } from '../../feeds/proof/mod.ts';
import { profileId } from '../../feeds/records/mod.ts';
import { verifyReceipt } from '../api/mod.ts';
import { rerun } from '../daemon/mod.ts';
import { openContext, type SettingFlags } from './context.ts';
import type { Output } from './output.ts';
import { nodeOptions } from './session.ts';
import { showCheck, showVerdict, showWords } from './verify_view.ts';

/** Checks a receipt and says what came of it; false if it does not hold. */
export async function showReceipt(
  text: string,
  flags: SettingFlags & { rerun: boolean },
  out: Output,
  signal: AbortSignal,
): Promise<boolean> {
  let receipt: Receipt;
  try {
    receipt = parseReceipt(text);
  } catch (thrown) {
    await out.event({ event: 'receipt', ok: false });
    await out.error(thrown);
    return false;
  }
  const verdict = await verifyReceipt(
    receipt,
    flags.home === undefined ? {} : { home: flags.home },
  );
  await out.event({ event: 'receipt', ...verdict });
  await showWords(out, verdict);
  let ok = verdict.ok;
  if (ok && flags.rerun) {
    if (receipt.opening === null) {
      throw new NexusError('RECEIPT_CLOSED', 'this receipt holds no text to run again', {
        hint: 'ask the requester for the receipt with its text',
      });
    }
    const context = await openContext(flags);
    const wish = { roles: new Set<never>(), models: [], mesh: false, announce: false };
    const result = await rerun(receipt, await nodeOptions(context, wish), signal);
    const profile = toHex(profileId(receipt.opening.profile));
    await out.event({ event: 'rerun', profile, ...result });
    await showCheck(out, { name: 'rerun', ok: result.ok, detail: result.detail });
    ok &&= result.ok;
  }
  await showVerdict(out, ok, 'the receipt');
  return ok;
}
