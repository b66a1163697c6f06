import { equalBytes, NexusError, toHex } from '../base/mod.ts';
import type { Cut } from '../agreement/mod.ts';
import { type LedgerEvent, NetworkFold, type NetworkOptions } from '../ledger/mod.ts';
import { TreeHasher } from '../proof/mod.ts';
import { verifyEd25519, type VerifyFunction } from '../records/mod.ts';
import type { TrustEntry, TrustEvent } from '../trust/mod.ts';
import { cutsIn, identityOf, type WitnessSource } from './cuts.ts';

/** Logs as they lie in a store, or are held by a node. */
export interface StoredLogs {
  /** Their keys. */
  cores(): Promise<Uint8Array[]>;
  /** Blocks `[start, end)`, in order; null for one that is not there. */
  read(
    core: Uint8Array,
    options?: { start?: number; end?: number; signal?: AbortSignal },
  ): AsyncIterable<{ index: number; value: Uint8Array | null }>;
}

/** A cut that was folded. */
export interface StoredStep {
  cut: Cut;
  trust: TrustEvent[];
  ledger: LedgerEvent[];
  fold: NetworkFold;
}

/**
 * Replays a network from its first cut on, by the very code that its nodes run: reads each block once,
 * when a cut covers it, and holds none.
 * @throws {NexusError} `CUT_INCOMPLETE` at the first cut that covers what is not here
 */
export async function* replayStored(
  logs: StoredLogs,
  options: NetworkOptions,
  signal: AbortSignal,
): AsyncGenerator<StoredStep, void, void> {
  const { network, witnesses, verify = verifyEd25519 } = options;
  const fold = new NetworkFold(options);
  const reader = new SpanReader(logs, signal);
  const sources = await sourcesIn(logs, verify, signal);
  for await (const cut of cutsIn(sources, { network, witnesses, verify })) {
    signal.throwIfAborted();
    yield { cut, fold, ...await fold.takeCut(cut, await reader.read(cut)) };
  }
}

/** The `attestations` logs among those that are here. */
async function sourcesIn(
  logs: StoredLogs,
  verify: VerifyFunction,
  signal: AbortSignal,
): Promise<WitnessSource[]> {
  const found: WitnessSource[] = [];
  for (const core of await logs.cores()) {
    for await (const { value } of logs.read(core, { start: 0, end: 1 })) {
      const identity = await identityOf(value, core, verify);
      if (identity !== null) found.push({ identity, blocks: blocksOf(logs, core, signal) });
    }
  }
  return found;
}

async function* blocksOf(
  logs: StoredLogs,
  core: Uint8Array,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array | null, void, void> {
  for await (const { value } of logs.read(core, { start: 1, signal })) yield value;
}

/** Reads what cuts cover; each block is hashed, and must be the one that its cut names. */
class SpanReader {
  readonly #logs: StoredLogs;
  readonly #signal: AbortSignal;
  readonly #trees = new Map<string, TreeHasher>();

  constructor(logs: StoredLogs, signal: AbortSignal) {
    this.#logs = logs;
    this.#signal = signal;
  }

  async read({ epoch, heads, spans }: Cut): Promise<TrustEntry[]> {
    const entries: TrustEntry[] = [];
    for (const [i, { core, from, to }] of spans.entries()) {
      const key = toHex(core), tree = this.#trees.get(key) ?? new TreeHasher();
      this.#trees.set(key, tree);
      const options = { start: from, end: to, signal: this.#signal };
      for await (const { index, value } of this.#logs.read(core, options)) {
        if (value === null) break;
        tree.push(value);
        entries.push({ core, index, bytes: value });
      }
      if (tree.length !== to) throw incomplete(`cut ${epoch} covers block ${tree.length} of`, key);
      if (!equalBytes(tree.hash, heads[i]!.treeHash)) {
        throw incomplete(`cut ${epoch} covers other blocks of`, key);
      }
    }
    return entries;
  }
}

function incomplete(what: string, log: string): NexusError {
  return new NexusError('CUT_INCOMPLETE', `${what} log ${log}, which is not here`, {
    hint: 'let a node of this home run until the peers’ logs are here: nexus up; see nexus peers',
  });
}
