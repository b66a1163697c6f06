import { equalBytes, messageOf, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Cut } from '../../feeds/agreement/mod.ts';
import {
  type LedgerFinding,
  type LedgerView,
  NetworkFold,
  type Slash,
} from '../../feeds/ledger/mod.ts';
import { TreeHasher } from '../../feeds/proof/mod.ts';
import type { TrustEntry } from '../../feeds/trust/mod.ts';
import { foldOptionsOf } from '../evidence/mod.ts';
import type { Network } from '../network/mod.ts';
import type { LogSource } from './sources.ts';
import { witnessCuts } from './witness_cuts.ts';

/** Epochs whose root is remembered: witnesses vouch for one some cuts later. */
const MAX_ROOTS = 4096;

/** Something that the ledger did, as the replay comes to it. */
export type LedgerStep =
  | { type: 'cut'; epoch: number; entries: number }
  | { type: 'slash'; slash: Slash }
  | { type: 'finding'; finding: LedgerFinding };

/** What the logs come to. */
export interface LedgerAudit {
  /** After the last cut that is whole here. */
  view: LedgerView;
  cuts: number;
  /** Entries that they cover. */
  entries: number;
  /** Why the replay ends there; null: with the last cut that the witnesses' logs here certify. */
  stopped: string | null;
  /** An epoch for whose root the witnesses vouch, where another one was computed here; else null. */
  differs: { epoch: number; root: string; certified: string } | null;
}

/**
 * Recomputes a network's ledger from the logs that are here, from the first cut on, by the very code
 * that its nodes run. Logs are read once; what is kept is what the fold keeps.
 * @throws {NexusError} `NO_LEDGER`, `LEDGER_UNREAD` where no whole cut is here
 */
export async function* auditLedger(
  source: Pick<LogSource, 'states' | 'read'>,
  network: Pick<Network, 'name' | 'id' | 'file'>,
  signal: AbortSignal,
): AsyncGenerator<LedgerStep, LedgerAudit, void> {
  const { ledger, take } = foldOf(network);
  const trees = new Map<string, TreeHasher>(), roots = new Map<number, string>();
  let cuts = 0, entries = 0, stopped: string | null = null;
  let differs: LedgerAudit['differs'] = null;
  for await (const cut of witnessCuts(source, network, signal)) {
    signal.throwIfAborted();
    const taken = await entriesOf(source, cut, trees).catch((thrown) => messageOf(thrown));
    if (typeof taken === 'string') {
      stopped = `cut ${cut.epoch}: ${taken}`;
      break;
    }
    const events = await take(cut, taken);
    cuts++;
    entries += taken.length;
    roots.set(cut.epoch, toHex(ledger.root));
    if (roots.size > MAX_ROOTS) roots.delete(roots.keys().next().value!);
    for (const event of events) {
      if (event.type === 'slash' || event.type === 'finding') yield event;
      if (event.type !== 'certified') continue;
      const { epoch, root: certified } = event, root = roots.get(epoch);
      if (root !== undefined && root !== certified) differs ??= { epoch, root, certified };
    }
    yield { type: 'cut', epoch: cut.epoch, entries };
  }
  if (cuts === 0) {
    throw new NexusError('LEDGER_UNREAD', `the logs here show no whole cut of ${network.name}`, {
      hint: `${stopped === null ? '' : `${stopped}; `}let the node run until the logs of the ` +
        'witnesses and their peers are here: nexus up',
    });
  }
  return { view: ledger.view(), cuts, entries, stopped, differs };
}

function foldOf({ name, file }: Pick<Network, 'name' | 'file'>) {
  const whole = new NetworkFold(foldOptionsOf(file));
  const { ledger } = whole;
  if (ledger === null) {
    throw new NexusError('NO_LEDGER', `${name} has no ledger: nothing costs anything there`, {
      hint: 'name a network that has one: --network',
    });
  }
  const take = async (cut: Cut, entries: readonly TrustEntry[]) =>
    (await whole.takeCut(cut, entries)).ledger;
  return { ledger, take };
}

/**
 * What a cut adds, compared with what it fixes.
 * @throws {Error} where some of it is not here, or is something else
 */
async function entriesOf(
  source: Pick<LogSource, 'read'>,
  { heads, spans }: Cut,
  trees: Map<string, TreeHasher>,
): Promise<TrustEntry[]> {
  const entries: TrustEntry[] = [];
  for (const [i, { core, from, to }] of spans.entries()) {
    const key = toHex(core), tree = trees.get(key) ?? new TreeHasher();
    trees.set(key, tree);
    for (let start = from; start < to; start += 4096) {
      const range = { start, end: Math.min(to, start + 4096) };
      for await (const { index, value } of source.read(core, range)) {
        if (value === null) throw new Error(`entry ${index} of log ${key} is not here`);
        tree.push(value);
        entries.push({ core, index, bytes: value });
      }
    }
    if (tree.length !== to) throw new Error(`log ${key} is not all here`);
    if (!equalBytes(tree.hash, heads[i]!.treeHash)) {
      throw new Error(`the entries of log ${key} are not those that the cut covers`);
    }
  }
  return entries;
}
