import { importSigner, NexusError, toHex } from '../../feeds/base/mod.ts';
import { type Feeds, startFeeds } from '../../feeds/client/mod.ts';
import { canaryKey } from '../../feeds/trust/mod.ts';
import type { Engine } from '../engine/mod.ts';
import { remove } from '../home/mod.ts';
import { chosenCandidate, JOB_PROTOCOL, jobRules, runJob } from '../job/mod.ts';
import { joinOptionsOf, type Network } from '../network/mod.ts';
import { StatsBook } from '../router/mod.ts';
import type { Canary } from './plan.ts';

/** The log of one job, and of who else is in the network. */
const QUOTA_BYTES = 256 * 1024 ** 2;
const MAX_PEERS = 64;

export interface AskOptions {
  canary: Canary;
  network: Network;
  /** Folder that is made for it, and removed at its end. */
  home: string;
  /** Where sockets bind, how the DHT is found, which Node binary: as of the witness itself. */
  place: Pick<Parameters<typeof startFeeds>[0], 'host' | 'bootstrap' | 'node'>;
  engine: Pick<Engine, 'tokenizeChat' | 'tokenizeText' | 'textStream'>;
  /** This node's own executor, as peers see it. */
  executor: { key: Uint8Array; class: Uint8Array; price: number; contextSize: number };
}

/** An identity that asked once, and is there until peers have its log. */
export interface Asked extends AsyncDisposable {
  /** False where the answer did not come to its end. */
  done: boolean;
}

/**
 * Sends the job over the mesh, as somebody else would: another identity, with logs of its own.
 * @throws {NexusError} what the job throws; nothing is left behind then
 */
export async function askAsSomebody(options: AskOptions, signal: AbortSignal): Promise<Asked> {
  const { canary, home, place } = options;
  await remove(home);
  const stop = new AbortController();
  let feeds: Feeds | null = null;
  const leave = async (): Promise<void> => {
    stop.abort();
    await feeds?.close().catch(() => {});
    await remove(home);
  };
  try {
    feeds = await startFeeds({ home, seed: canary.identity, quotaBytes: QUOTA_BYTES, ...place });
    drained(feeds);
    const { network, executor } = options;
    const { profile } = canary;
    const join = { profiles: [profile], announce: false, maxPeers: MAX_PEERS };
    await feeds.join(joinOptionsOf(network, join));
    await feeds.connect(executor.key, signal);
    return { done: await ask(options, feeds, signal), [Symbol.asyncDispose]: leave };
  } catch (thrown) {
    await leave();
    throw thrown;
  }
}

async function ask(
  { canary, network, engine, executor }: AskOptions,
  feeds: Feeds,
  signal: AbortSignal,
): Promise<boolean> {
  const { profile, text, sampling, nonce, priceCap, salt } = canary;
  const signer = await importSigner(canary.identity);
  let offers = 0;
  const run = runJob({
    profile,
    contextSize: executor.contextSize,
    messages: [{ role: 'user', content: text }],
    sampling,
    nonce,
    where: 'mesh',
    priceCap,
    signal,
  }, {
    engine,
    feeds,
    signer,
    network: network.id,
    rules: jobRules(network.file.rules),
    stats: new StatsBook(),
    randomBytes: () => canaryKey(salt, 0),
    // The plan is of one attempt.
    candidates: () =>
      offers > 0 ? [] : [chosenCandidate({
        executor: executor.key,
        profile,
        class: executor.class,
        price: executor.price,
        rttMs: null,
      })],
    dial: (candidate, { id, handshake, signal }) => {
      offers++;
      return feeds.open(candidate.executor, { protocol: JOB_PROTOCOL, id, handshake, signal });
    },
  });
  for await (const event of run) {
    if (event.type !== 'done') continue;
    if (event.job === toHex(canary.job)) return event.finish !== 'cancelled';
    throw new NexusError('CANARY_CHANGED', 'the planted job is not the planned one', {
      hint: 'report this: a model was changed while it was planned',
    });
  }
  return false;
}

/** What the network tells is nothing to who asks once. */
function drained(feeds: Feeds): void {
  (async () => {
    for await (const _ of feeds.events) { /* let go */ }
  })().catch(() => {});
}
