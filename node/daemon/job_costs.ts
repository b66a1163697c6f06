import type { JobRow, LedgerRows } from '../control/mod.ts';

/**
 * Adds what jobs of this node cost, as far as the ledger's newest payments tell.
 * @param ledger null where there is none, or no cut is read yet
 */
export function withCosts(jobs: readonly JobRow[], ledger: LedgerRows | null): JobRow[] {
  if (ledger === null) return [...jobs];
  const costs = new Map<string, { ncu: number; refunded: number }>();
  const of = (job: string) => {
    const known = costs.get(job) ?? { ncu: 0, refunded: 0 };
    costs.set(job, known);
    return known;
  };
  // An id says whose the job is.
  for (const { job, gross } of ledger.payments) of(job).ncu += gross;
  for (const { refunds } of ledger.slashes) {
    for (const { job, amount } of refunds) if (costs.has(job)) of(job).refunded += amount;
  }
  return jobs.map((row) => ({ ...row, ...costs.get(row.job) }));
}
