/** Fingerprints of machines: each part measures on this machine, and prints what it was. */
import { CLAIMS_BENCH, fingerprintClaims } from './fingerprint_claims.ts';
import { fingerprintMicro } from './fingerprint_micro.ts';
import { fingerprintNode } from './fingerprint_node.ts';
import { fingerprintRaw, RAW_BENCH } from './fingerprint_raw.ts';
import { fingerprintSharing } from './fingerprint_sharing.ts';
import { fingerprintThrottle, THROTTLE_BENCH } from './fingerprint_throttle.ts';
import { fingerprintWork, WORK_BENCH } from './fingerprint_work.ts';
import type { Figure } from './lib.ts';
import type { BenchModel } from './model.ts';

interface Asked {
  model: BenchModel;
  embedded: BenchModel;
  quick: boolean;
}

/** Parts of it, each under eight minutes on two cores; `fingerprint` alone is all of them. */
export const FINGERPRINT_PARTS: Record<string, (asked: Asked) => Promise<Figure[]>> = {
  claims: ({ embedded, quick }) =>
    fingerprintClaims(embedded, quick ? { trials: 10, budgetMs: 60_000 } : CLAIMS_BENCH),
  work: ({ model, embedded, quick }) =>
    fingerprintWork(
      model,
      embedded,
      quick ? { idle: 9, throttled: 6, loaded: 6, repeats: 3 } : WORK_BENCH,
    ),
  node: ({ model, quick }) => fingerprintNode(model, quick ? 2 : 5),
  raw: ({ quick }) => fingerprintRaw(quick ? { runs: 18, cheats: 200 } : RAW_BENCH),
  throttle: ({ quick }) =>
    fingerprintThrottle(quick ? { trials: 4, budgetMs: 90_000 } : THROTTLE_BENCH),
  sharing: ({ quick }) => fingerprintSharing(quick ? 6 : 30),
  micro: ({ quick }) => fingerprintMicro(quick ? 6 : 24),
};
