import { cutHash, type ProposalRecord, type VoteRecord } from '../records/mod.ts';
import { type Key, keyOf } from './keys.ts';
import type { Log } from './log.ts';
import type { Finding } from './types.ts';

interface Said {
  log: Log;
  index: number;
  /** The cut that it is for; null for none. */
  cut: Key | null;
}

/** The witnesses' messages: each may say one thing in one step of one round of an epoch. */
export class Voting {
  readonly #said = new Map<string, Said[]>();

  /** Takes a message as it stands in a log. */
  note(record: VoteRecord | ProposalRecord, log: Log, index: number): void {
    const { network, witness, epoch, round } = record;
    const step = record.type === 'vote' ? record.step : record.type;
    const name = `${keyOf(network)}${keyOf(witness)} ${step} ${epoch} ${round}`;
    const cut = record.type === 'proposal'
      ? keyOf(cutHash(record))
      : record.cut === null
      ? null
      : keyOf(record.cut);
    const said = this.#said.get(name);
    if (said === undefined) this.#said.set(name, [{ log, index, cut }]);
    else if (!said.some((one) => one.cut === cut && one.log === log && one.index === index)) {
      said.push({ log, index, cut });
    }
  }

  /** Contradictions within a witness's own log, whose head proves that it wrote both. */
  *findings(): Generator<Finding, void, void> {
    for (const [name, all] of this.#said) {
      if (all.length < 2) continue;
      const witness = name.slice(32, 64);
      const own = all.filter(({ log }) => log.believed && log.owner === witness)
        .sort((a, b) => a.index - b.index);
      const other = own.find(({ cut }) => cut !== own[0]!.cut);
      if (other === undefined) continue;
      const [step, epoch, round] = name.slice(65).split(' ');
      const detail = `a second ${step} in epoch ${epoch}, round ${round}: block ${own[0]!.index} ` +
        'says another';
      yield other.log.finding('equivocation', other.index, detail);
    }
  }
}
