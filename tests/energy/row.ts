import type { EnergyRow } from '../../node/control/mod.ts';

const KEY = 'ab'.repeat(32);

export const DAY = 86_400_000, BEGAN = Date.UTC(2026, 10, 22, 12), AT = BEGAN + 1000;

/** What one job cost, as its executor writes it down. */
export function row(fields: Partial<EnergyRow> = {}): EnergyRow {
  return {
    at: AT,
    session: BEGAN,
    job: KEY,
    attempt: 0,
    jobs: 1,
    own: true,
    profile: KEY,
    model: 'smollm2-135m',
    source: 'rapl',
    error: 0.05,
    promptTokens: 20,
    tokens: 51,
    evaluated: 10,
    decoded: 50,
    prompt: 4,
    output: 36,
    ncu: 3701,
    ...fields,
  };
}
