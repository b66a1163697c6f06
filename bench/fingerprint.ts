/** Fingerprints of machines: each part measures on this machine, and prints what it was. */
import { fingerprintWork, WORK_BENCH } from './fingerprint_work.ts';
import type { Figure } from './lib.ts';
import type { BenchModel } from './model.ts';

const QUICK = { trials: 30, throttled: 10, loaded: 6, repeats: 3 };

export async function fingerprint(
  model: BenchModel,
  embedded: BenchModel,
  quick: boolean,
): Promise<Figure[]> {
  return [
    ...await fingerprintWork(model, embedded, quick ? QUICK : WORK_BENCH),
  ];
}
