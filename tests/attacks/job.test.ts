import t from 'tap';
import type { Channel } from '../../feeds/client/mod.ts';
import { decodeMessage, encodeMessage, type JobMessage } from '../../node/job/mod.ts';
import { collect, edited, request, World } from '../job/world.ts';

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
