import t from 'tap';
import { channelPair, decodeMessage, systemClock } from '../../node/job/mod.ts';
import { Outbox } from '../../node/job/outbox.ts';
import { TokenWriter } from '../../node/job/writer.ts';

const bytes = (fill: number) => new Uint8Array(32).fill(fill);

t.test('every token goes out, whenever the next one comes', async (t) => {
  // A token may come in any turn between the end of one message and the look for the next.
  for (let turns = 0; turns < 16; turns++) {
    const { ends: [executor, requester] } = channelPair({
      protocol: 'test',
      id: bytes(1),
      handshake: new Uint8Array(),
      keys: [bytes(2), bytes(3)],
    });
    const writer = new TokenWriter({
      outbox: new Outbox(executor, systemClock),
      kept: Promise.resolve(),
      signer: { sign: () => Promise.resolve(new Uint8Array(64)) },
      offer: bytes(3),
      jobKey: bytes(5),
      job: bytes(4),
      attempt: 0,
      resumeAt: 0,
      digestEvery: 1000,
      onToken: () => {},
      onLost: (error) => t.fail(String(error)),
    });
    for (let id = 0; id < 4; id++) {
      writer.push(id, 7);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    }
    await writer.drain();
    await executor.close();
    const ids: number[] = [];
    for await (const message of requester) {
      const decoded = decodeMessage(message);
      if (decoded.type === 'tokens') ids.push(...decoded.ids);
    }
    t.same(ids, [0, 1, 2, 3], `${turns} turns between tokens`);
  }
});
