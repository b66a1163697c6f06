import { asNexusError, NexusError, sleep, toHex } from '../../feeds/base/mod.ts';
import type { Cut } from '../../feeds/agreement/mod.ts';
import type { CoreSpan, Feeds } from '../../feeds/client/mod.ts';
import type { TrustEntry } from '../../feeds/trust/mod.ts';

/** One look for what peers have of a log. */
const UPDATE_MS = 2000;
/** Between two looks, milliseconds: the first, and at most. */
const PAUSE_MS = [50, 5000] as const;
/** Blocks that are missing for so long are told of; they are looked for all the same. */
const STALL_MS = 20_000;
/** Logs that are asked for at once. */
const AT_ONCE = 16;

/** What keeps the newest cut from being folded. */
export interface Stall {
  epoch: number;
  /** Keys (hexadecimal) of the logs of which blocks are missing. */
  cores: string[];
}

export interface ReadingOptions {
  feeds: Pick<Feeds, 'follow' | 'holds' | 'read' | 'update'>;
  /** Called when a cut's blocks do not come, and with null when they have. */
  onStall: (stall: Stall | null) => void;
  /** Milliseconds, monotonic. */
  tick?: () => number;
}

/**
 * Reads every block that a cut covers and the one before did not, under the heads of that cut. Waits
 * for those that are not here: a cut is folded whole or not at all, so that all readers fold the same.
 * @throws the signal's reason
 */
export async function readCut(
  cut: Cut,
  options: ReadingOptions,
  signal: AbortSignal,
): Promise<TrustEntry[]> {
  const { feeds } = options;
  const entries: TrustEntry[] = [];
  for (;;) {
    await untilHeld(cut, options, signal);
    if (await readSpans(feeds, cut, entries, signal)) return entries;
    // The quota took a block meanwhile: the cut is looked for again.
    entries.length = 0;
  }
}

async function readSpans(
  feeds: Pick<Feeds, 'read'>,
  { spans }: Cut,
  entries: TrustEntry[],
  signal: AbortSignal,
): Promise<boolean> {
  for (const { core, from, to } of spans) {
    for await (const { index, value } of feeds.read(core, { start: from, end: to, signal })) {
      if (value === null) return false;
      entries.push({ core, index, bytes: value });
    }
  }
  return true;
}

async function untilHeld(
  cut: Cut,
  { feeds, onStall, tick = () => performance.now() }: ReadingOptions,
  signal: AbortSignal,
): Promise<void> {
  const since = tick();
  const [least, most] = PAUSE_MS;
  let missing = spansUnder(cut);
  let told = false;
  for (let pause: number = least;; pause = Math.min(most, 2 * pause)) {
    signal.throwIfAborted();
    const held = await feeds.holds(missing).catch(whileRestarting);
    missing = missing.filter((_, i) => held?.[i] !== true);
    if (missing.length === 0) break;
    const cores = missing.map(({ core }) => core);
    if (!told && tick() - since > STALL_MS) {
      told = true;
      onStall({ epoch: cut.epoch, cores: cores.map(toHex) });
    }
    await feeds.follow(cores).catch(whileRestarting);
    const bound = AbortSignal.any([signal, AbortSignal.timeout(UPDATE_MS)]);
    const updates = cores.slice(0, AT_ONCE).map((core) => feeds.update(core, bound));
    await Promise.allSettled(updates);
    await sleep(pause, signal);
  }
  if (told) onStall(null);
}

/** The blocks that a cut adds, under its heads. */
function spansUnder({ spans, heads }: Cut): CoreSpan[] {
  return spans.map(({ core, from, to }, i) => {
    return { core, from, length: to, treeHash: heads[i]!.treeHash };
  });
}

/** The service is on its way up again. */
function whileRestarting(thrown: unknown): null {
  const error = asNexusError(thrown);
  if (error instanceof NexusError && RESTARTING.has(error.code)) return null;
  throw thrown;
}

const RESTARTING = new Set(['FEEDS_LOST', 'CORE_UNKNOWN', 'TOO_MANY_CORES']);
