/**
 * A requester that offers the same attempts again and again; for tests, not shipped. Each line of its
 * stdin is the number of an attempt, whose offer is byte for byte the same each time. It tells what
 * was answered first, `accept` or a refusal's code, and that a signed digest came; then it says
 * nothing any more, so that the executor waits in mid-answer.
 *
 *     deno run -A tests/attacks/insister.ts <host> <bootstrap> <key of the executor>
 */
import { fromHex, readLines } from '../../feeds/base/mod.ts';
import { type Channel, startFeeds } from '../../feeds/client/mod.ts';
import { importSigner, profileId } from '../../feeds/records/mod.ts';
import {
  channelId,
  decodeMessage,
  encodeMessage,
  JOB_PROTOCOL,
  JOB_VERSION,
  prepareJob,
} from '../../node/job/mod.ts';
import { buildOffer, type BuiltOffer, offerMessages } from '../../node/job/offer.ts';
import { readTable } from '../../node/models/mod.ts';
import { bootstrapOf, joinOptionsOf, loadNetwork } from '../../node/network/mod.ts';
import { openContext } from '../../node/session/mod.ts';

const [host, bootstrap, key] = Deno.args as [string, string, string];
const tell = (event: Record<string, unknown>) => console.log(JSON.stringify(event));
const { home, settings } = await openContext({ host, bootstrap: [bootstrap] });
const network = await loadNetwork(home.paths, settings.network.value);
const { entry } = (await readTable()).find(({ entry }) => entry.name === 'austen-3.7m')!;
const profile = profileId(entry.profile);
const signer = await importSigner(home.seed);
const feeds = await startFeeds({
  home: home.paths.home,
  seed: home.seed,
  host,
  ...bootstrapOf([bootstrap]),
});
await feeds.join(joinOptionsOf(network, { profiles: [profile], announce: false, maxPeers: 8 }));
const job = prepareJob({
  network: network.id,
  profile,
  requester: signer.publicKey,
  parent: null,
  key: new Uint8Array(32).fill(4),
  nonce: new Uint8Array(32).fill(9),
  prompt: [10, 20, 30],
  stops: [],
  sampling: { tq: 0, pq: 65536, maxTokens: 400 },
  priceCap: network.file.rules.maxPrice,
});
const executor = fromHex(key);
const offers = new Map<number, BuiltOffer>();

tell({ event: 'ready' });
const tooLong = (bytes: number) => new Error(`over ${bytes} bytes`);
for await (const line of readLines(Deno.stdin.readable, 1024, tooLong)) {
  if (line !== '') await insist(Number(line));
}

async function insist(attempt: number): Promise<void> {
  const to = { attempt, executor, prefix: [], heads: [], at: 1 };
  const built = offers.get(attempt) ?? await buildOffer(job, to, (m) => signer.sign(m));
  offers.set(attempt, built);
  const channel = await open(attempt);
  for (const message of offerMessages(built.offer)) await channel.send(encodeMessage(message));
  const messages = channel[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await messages.next();
    if (done) return;
    const message = decodeMessage(value);
    if (message.type === 'refuse') tell({ event: 'answer', attempt, code: message.code });
    else if (message.type === 'accept') tell({ event: 'answer', attempt, code: 'accept' });
    else if (message.type === 'digest') return tell({ event: 'digest', attempt });
  }
}

/** The line to an executor that was killed is found to be dead only when it is used. */
async function open(attempt: number): Promise<Channel> {
  for (let tries = 0;; tries++) {
    try {
      await feeds.connect(executor);
      return await feeds.open(executor, {
        protocol: JOB_PROTOCOL,
        id: channelId(job.id, attempt),
        handshake: new Uint8Array([JOB_VERSION]),
      });
    } catch (thrown) {
      if (tries === 20) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
