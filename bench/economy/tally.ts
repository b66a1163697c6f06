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
  /** By honest nodes: to fines and slashes, and in all. */
  lost = 0;
  earned = 0;
  readonly #isOperator: (key: Hex) => boolean;

  constructor(isOperator: (key: Hex) => boolean) {
    this.#isOperator = isOperator;
  }

  take({ trust, ledger }: Passed): void {
    for (const event of trust) {
      if (event.type === 'proven') this.proven.add(event.cheat.executor);
    }
    for (const event of ledger) {
      if (event.type === 'slash') {
        const { offender, amount, forfeited } = event.slash;
        this.proven.add(offender);
        this.slashes++;
        if (this.#isOperator(offender)) continue;
        this.falseSlashes++;
        this.lost += amount + forfeited;
      } else if (event.type === 'fine') {
        if (!this.#isOperator(event.account)) this.lost += event.amount;
      } else if (event.type === 'payment') {
        if (!this.#isOperator(event.payment.executor)) this.earned += event.payment.net;
      }
    }
  }
}
