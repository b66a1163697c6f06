import t from 'tap';
import type { Channel } from '../../feeds/client/mod.ts';
import { importSigner } from '../../feeds/records/mod.ts';
import {
  channelId,
  channelPair,
  decodeMessage,
  encodeMessage,
  JOB_PROTOCOL,
  JOB_VERSION,
  type JobMessage,
} from '../../node/job/mod.ts';
import { buildOffer, offerMessages, prepareJob } from '../../node/job/offer.ts';
import {
  collect,
  edited,
  type FakeExecutor,
  NETWORK,
  PROFILE,
  request,
  World,
} from '../job/world.ts';

/** An executor's channel on which each message may become others. */
const lying = (lie: (message: JobMessage) => JobMessage[]) => (channel: Channel): Channel =>
  edited(channel, (bytes) => lie(decodeMessage(bytes)).map(encodeMessage));

t.test('an executor cannot hold off the deadlines by saying that work begins', async (t) => {
  const world = await World.make({ executors: 2, rules: { settleMs: 50, cancelMs: 50 } });
  const [bad, good] = world.executors;
  const begins: JobMessage = { type: 'progress', position: 0 };
  bad!.tamper = lying((m) => m.type === 'tokens' ? [begins] : [m]);
  const { deps } = await world.requester();
  const { events, done } = await collect(request(), deps);
  t.match(events.filter((e) => e.type === 'failover'), [{ cause: { code: 'BAD_MESSAGE' } }]);
  t.equal(done.executor, good!.key);
  await world.close();
});

/** A requester that makes one offer and may repeat it byte for byte. */
async function offerTo(executor: FakeExecutor, prompt: number[]) {
  const me = await importSigner(new Uint8Array(32).fill(201));
  const job = prepareJob({
    network: NETWORK,
    profile: PROFILE,
    requester: me.publicKey,
    parent: null,
    key: new Uint8Array(32).fill(4),
    nonce: new Uint8Array(32).fill(9),
    prompt,
    stops: [],
    sampling: { tq: 0, pq: 65536, maxTokens: 5 },
    priceCap: 10,
  });
  const to = { attempt: 0, executor: executor.signer.publicKey, prefix: [], heads: [], at: 1 };
  const { offer } = await buildOffer(job, to, (m) => me.sign(m));
  const messages = offerMessages(offer);
  /** Sends the first `count` messages of the offer; what is answered until one of `type` comes. */
  return async (server: typeof executor.server, type: JobMessage['type'], count = Infinity) => {
    const { ends } = channelPair({
      protocol: JOB_PROTOCOL,
      id: channelId(job.id, 0),
      handshake: new Uint8Array([JOB_VERSION]),
      keys: [me.publicKey, executor.signer.publicKey],
    });
    server.handle(ends[1]);
    for (const message of messages.slice(0, count)) await ends[0].send(encodeMessage(message));
    for await (const bytes of ends[0]) {
      const answer = decodeMessage(bytes.slice());
      if (answer.type === type) return answer;
    }
    return null;
  };
}

t.test('an offer that no model here takes is refused before its tokens are received', async (t) => {
  const world = await World.make();
  const [executor] = world.executors;
  const offer = await offerTo(executor!, Array.from({ length: 100_000 }, () => 7));
  t.match(await offer(executor!.server, 'refuse', 1), { code: 'TOO_LONG' });
  await world.close();
});

t.test('an attempt is not done again after a restart: two artifacts would accuse us', async (t) => {
  const rules = { settleMs: 20 };
  const world = await World.make({ rules });
  const [before] = world.executors;
  const offer = await offerTo(before!, [1, 2, 3]);
  t.match(await offer(before!.server, 'summary'), { type: 'summary' });
  await before!.server.drain(1000);

  const after = await world.addExecutor(0, before!.attempts);
  t.match(await offer(after.server, 'refuse'), { code: 'DUPLICATE' });
  t.equal(after.log.of('artifact').length, 0);
  await world.close();
});
