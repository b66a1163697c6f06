/** Fingerprints of machines: each part measures on this machine, and prints what it was. */
import { fingerprintMicro } from './fingerprint_micro.ts';
import { fingerprintNode } from './fingerprint_node.ts';
import { fingerprintRaw, RAW_BENCH } from './fingerprint_raw.ts';
import { fingerprintSharing } from './fingerprint_sharing.ts';
import { fingerprintWork, WORK_BENCH } from './fingerprint_work.ts';
import type { Figure } from './lib.ts';
import type { BenchModel } from './model.ts';

const QUICK_RAW = { runs: 18, trials: 4, cheats: 200 };
const QUICK = { trials: 30, throttled: 10, loaded: 6, repeats: 3 };

export async function fingerprint(
  model: BenchModel,
  embedded: BenchModel,
  quick: boolean,
): Promise<Figure[]> {
  return [
    ...await fingerprintWork(model, embedded, quick ? QUICK : WORK_BENCH),
    ...await fingerprintNode(model, quick ? 2 : 5),
    ...await fingerprintRaw(quick ? QUICK_RAW : RAW_BENCH),
    ...await fingerprintSharing(quick ? 6 : 30),
    ...await fingerprintMicro(quick ? 6 : 24),
  ];
}
