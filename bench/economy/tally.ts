import type { LedgerEvent } from '../../feeds/ledger/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';
import type { Passed } from './mesh.ts';

/** What a history came to. */
export class Tally {
  readonly proven = new Set<Hex>();
  slashes = 0;
  /** Of nodes that were honest. */
  falseSlashes = 0;
  /** Energy of honest work, micro-NCU. */
  work = 0;
  /** By honest nodes: to fines, slashes and refunds of their answers; and what they were paid. */
  lost = 0;
  earned = 0;
  /** Of an honest node's payments: the executor's part, by attempt. */
  readonly #paid = new Map<string, number>();
  readonly #isOperator: (key: Hex) => boolean;

  constructor(isOperator: (key: Hex) => boolean) {
    this.#isOperator = isOperator;
  }

  take({ trust, ledger }: Passed): void {
    for (const event of trust) {
      if (event.type === 'proven') this.proven.add(event.cheat.executor);
    }
    ledger.forEach((event, i) => {
      if (event.type === 'slash') {
        const { offender, amount } = event.slash;
        this.proven.add(offender);
        this.slashes++;
        if (this.#isOperator(offender)) return;
        this.falseSlashes++;
        // What it forfeits beside its bond are refunds.
        this.lost += amount;
      } else if (event.type === 'fine') {
        if (!this.#isOperator(event.account)) this.lost += event.amount;
      } else if (event.type === 'payment') {
        const { executor, net } = event.payment;
        if (this.#isOperator(executor)) return;
        this.earned += net;
        this.#paid.set(nameOf(event.payment), net);
      } else if (event.type === 'returned') {
        const name = nameOf(event), before = ledger[i - 1];
        // What an escrow held beyond the price goes back at once.
        if (before?.type === 'payment' && nameOf(before.payment) === name) return;
        this.lost += this.#paid.get(name) ?? 0;
        this.#paid.delete(name);
      }
    });
  }
}

function nameOf({ job, attempt }: Pick<LedgerEvent & { type: 'returned' }, 'job' | 'attempt'>) {
  return `${job}:${attempt}`;
}
