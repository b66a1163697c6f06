import fc from 'fast-check';
import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import { PeerChannel } from '../../feeds/client/channel.ts';
import { CHANNEL_WINDOW, MAX_MESSAGE } from '../../feeds/wire/mod.ts';

const name = () => ({
  peer: new Uint8Array(32),
  protocol: 'nexus/test/1',
  id: new Uint8Array(),
  handshake: new Uint8Array(),
});

/** Two ends with a wire between them that counts what is on its way. */
function pair(): {
  a: PeerChannel;
  b: PeerChannel;
  most: () => { messages: number; bytes: number };
} {
  const on = { messages: 0, bytes: 0 }, most = { messages: 0, bytes: 0 };
  const end = (other: () => PeerChannel) =>
    new PeerChannel(name(), {
      data: (message) => {
        on.messages++;
        on.bytes += message.length;
        most.messages = Math.max(most.messages, on.messages);
        most.bytes = Math.max(most.bytes, on.bytes);
        other().deliver(message);
      },
      credit: (messages, bytes) => {
        on.messages -= messages;
        on.bytes -= bytes;
        other().grant(messages, bytes);
      },
      close: () => other().end(null),
    });
  const a: PeerChannel = end(() => b), b: PeerChannel = end(() => a);
  return { a, b, most: () => most };
}

t.test('every message arrives, in order, within the window', async (t) => {
  const sizes = fc.array(fc.integer({ min: 0, max: MAX_MESSAGE }), { maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(sizes, async (sizes) => {
      const { a, b, most } = pair();
      const sending = (async () => {
        for (const size of sizes) await a.send(new Uint8Array(size));
        await a.close();
      })();
      const got: number[] = [];
      for await (const message of b) got.push(message.length);
      await sending;
      t.same(got, sizes);
      t.ok(most().messages <= CHANNEL_WINDOW.messages && most().bytes <= CHANNEL_WINDOW.bytes);
    }),
    { numRuns: 30 },
  );
});

t.test('a writer that waits for room is told that the peer is gone', async (t) => {
  const { a, b } = pair();
  for (let i = 0; i < CHANNEL_WINDOW.messages; i++) await a.send(new Uint8Array(1));
  const stuck = a.send(new Uint8Array(1));
  const lost = new NexusError('PEER_LOST', 'gone');
  a.end(lost);
  b.end(lost);
  await t.rejects(stuck, { code: 'PEER_LOST' });
  await t.rejects(a.send(new Uint8Array(1)), { code: 'PEER_LOST' });
  const reader = b[Symbol.asyncIterator]();
  for (let i = 0; i < CHANNEL_WINDOW.messages; i++) t.notOk((await reader.next()).done);
  await t.rejects(reader.next(), { code: 'PEER_LOST' });
});

t.test('an oversized message and one on a closed channel are refused', async (t) => {
  const { a, b } = pair();
  await t.rejects(a.send(new Uint8Array(MAX_MESSAGE + 1)), { code: 'MESSAGE_TOO_LARGE' });
  await b.close();
  await t.rejects(a.send(new Uint8Array(1)), { code: 'CHANNEL_CLOSED' });
});
