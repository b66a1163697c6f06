import { KeyRing } from '../../circuits/mod.ts';
import { NexusError } from '../../feeds/base/mod.ts';
import { replayStored } from '../../feeds/evidence/mod.ts';
import type { LedgerFinding, LedgerView, Slash } from '../../feeds/ledger/mod.ts';
import type { TrustFinding } from '../../feeds/trust/mod.ts';
import { foldOptionsOf } from '../evidence/mod.ts';
import type { Network } from '../network/mod.ts';
import { demandKeys } from '../prover/mod.ts';
import { Owners } from './owners.ts';
import type { LogSource } from './sources.ts';
import { storedLogs } from './stored.ts';

/** An entry that a rule of the ledger, or of what comes before it, ignored or punished. */
export interface AuditFinding extends Omit<LedgerFinding, 'code' | 'author'> {
  code: LedgerFinding['code'] | TrustFinding['code'];
  /** Whose entry it is; null where the log is nobody's. */
  author: string | null;
}

/** Something that the cuts did, as the replay comes to it. */
export type LedgerStep =
  | { type: 'cut'; epoch: number; entries: number }
  | { type: 'slash'; slash: Slash }
  | { type: 'finding'; finding: AuditFinding };

/** What the logs come to. */
export interface LedgerAudit {
  /** After the last cut that is whole here; `differs` of it says where the witnesses do not agree. */
  view: LedgerView;
  cuts: number;
  /** Entries that they cover. */
  entries: number;
  /** Why the replay ends there; null: with the last cut that the witnesses' logs here certify. */
  stopped: string | null;
}

/**
 * Recomputes a network's ledger from the logs that are here, from the first cut on, by the very code
 * that its nodes run. Logs are read once; what is kept is what the fold keeps.
 * @throws {NexusError} `NO_LEDGER`, `LEDGER_UNREAD` where no whole cut is here, `KEY_UNKNOWN`
 */
export async function* auditLedger(
  source: Pick<LogSource, 'states' | 'read'>,
  network: Pick<Network, 'name' | 'id' | 'file' | 'keyFolder'>,
  signal: AbortSignal,
): AsyncGenerator<LedgerStep, LedgerAudit, void> {
  if (network.file.ledger === null) throw noLedger(network.name);
  await demandKeys(new KeyRing(network.keyFolder), network.file.circuits);
  let view: (() => LedgerView) | null = null;
  const owners = new Owners(source);
  let cuts = 0, entries = 0, stopped: string | null = null;
  const options = { ...foldOptionsOf(network.file, network.keyFolder), network: network.id };
  try {
    const logs = await storedLogs(source);
    for await (const { cut, trust, ledger: events, fold } of replayStored(logs, options, signal)) {
      const ledger = fold.ledger!;
      view = () => ledger.view();
      cuts++;
      for (const { from, to } of cut.spans) entries += to - from;
      for (const event of trust) {
        if (event.type !== 'finding') continue;
        const { finding } = event, author = await owners.of(finding.place.core);
        yield { type: 'finding', finding: { ...finding, author } };
      }
      for (const event of events) {
        if (event.type === 'slash' || event.type === 'finding') yield event;
      }
      yield { type: 'cut', epoch: cut.epoch, entries };
    }
  } catch (thrown) {
    if (!(thrown instanceof NexusError) || thrown.code !== 'CUT_INCOMPLETE') throw thrown;
    stopped = thrown.message;
  }
  if (view === null) {
    throw new NexusError('LEDGER_UNREAD', `the logs here show no whole cut of ${network.name}`, {
      hint: `${stopped === null ? '' : `${stopped}; `}let the node run until the logs of the ` +
        'witnesses and their peers are here: nexus up',
    });
  }
  return { view: view(), cuts, entries, stopped };
}

function noLedger(name: string): NexusError {
  return new NexusError('NO_LEDGER', `${name} has no ledger: nothing costs anything there`, {
    hint: 'name a network that has one: --network',
  });
}
