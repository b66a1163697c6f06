import t from 'tap';
import type { LedgerEvent } from '../../feeds/ledger/mod.ts';
import { takenIn } from '../../node/cli/bond_wait.ts';
import type { LedgerAnswer } from '../../node/control/mod.ts';

const KEY = 'ab'.repeat(32);

/** A running node whose newest cut led to these events. */
function answering(events: LedgerEvent[]) {
  return ({ epoch }: Record<string, unknown>) =>
    Promise.resolve(
      {
        rows: { epoch: 4, own: { key: KEY } },
        events: epoch === 4 ? events : null,
      } as unknown as LedgerAnswer,
    );
}

for (const name of ['bond', 'unbond'] as const) {
  t.test(`of two entries of one amount in a cut each has its own end: ${name}`, async (t) => {
    const place = { core: 'x', index: 8, cut: 4 };
    const ask = answering([
      { type: name, account: KEY, amount: 5, index: 7 },
      {
        type: 'finding',
        finding: { code: `${name}-amount`, place, author: KEY, detail: '5 of 0' },
      },
    ]);
    const wait = (index: number) =>
      takenIn(ask, { name, own: KEY, index, after: 3, epochMs: 3000 }, AbortSignal.timeout(5000));
    t.strictSame(await wait(7), { cut: 4, refused: null });
    t.strictSame(await wait(8), { cut: 4, refused: `${name}-amount, 5 of 0` });
  });
}
