import { NexusError, sleep } from '../../feeds/base/mod.ts';
import type { LedgerAnswer } from '../control/mod.ts';

/** How often a running node is asked, milliseconds. */
const AGAIN_MS = 250;
/** Epochs without a word of the entry, and a time beside them: it will not come soon. */
const MOST_EPOCHS = 4, LEAST_MS = 20_000;

/** An entry that was logged. */
export interface LoggedBond {
  name: 'bond' | 'unbond';
  /** Key of this node; null where no cut has covered an entry of it yet. */
  own: string | null;
  /** In its artifacts log. */
  index: number;
  /** Newest cut before it was logged. */
  after: number | null;
  epochMs: number;
}

/**
 * Waits for the cut that takes a bond's entry, or refuses it by a rule.
 * @param ask asks the running node
 * @throws {NexusError} `LEDGER_STALLED` where none comes
 */
export async function takenIn(
  ask: (params: Record<string, unknown>) => Promise<LedgerAnswer>,
  { name, own, index, after, epochMs }: LoggedBond,
  signal: AbortSignal,
): Promise<{ cut: number; refused: string | null }> {
  const until = performance.now() + LEAST_MS + MOST_EPOCHS * epochMs;
  let next = (after ?? -1) + 1;
  for (;;) {
    const { rows } = await ask({});
    const key = own ?? rows.own?.key ?? null;
    for (; key !== null && next <= (rows.epoch ?? -1); next++) {
      const { events } = await ask({ account: key, epoch: next });
      for (const event of events ?? []) {
        // By its index: another entry of the same cut may be about the same amount.
        if (event.type === name && event.index === index) return { cut: next, refused: null };
        if (event.type !== 'finding') continue;
        const { code, place, detail } = event.finding;
        if (place.index !== index || !code.startsWith(`${name}-`)) continue;
        return { cut: next, refused: `${code}, ${detail}` };
      }
    }
    if (performance.now() > until) {
      throw new NexusError('LEDGER_STALLED', 'no cut has taken it yet', {
        hint: 'it is logged and counts as soon as there is a cut: do not ask for it again. Cuts ' +
          'need more than two thirds of the witnesses: see nexus ledger, nexus peers',
      });
    }
    await sleep(AGAIN_MS, signal);
  }
}
