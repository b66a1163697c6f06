import type { InviteChannel } from '../../node/network/mod.ts';

/** Two ends of a channel in memory; each knows the other's key. */
export function pairOf(
  a: Uint8Array,
  b: Uint8Array,
): [end: InviteChannel, otherEnd: InviteChannel] {
  const toA = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, {
    highWaterMark: 8,
  });
  const toB = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, {
    highWaterMark: 8,
  });
  return [endOf(b, toA.readable, toB.writable), endOf(a, toB.readable, toA.writable)];
}

function endOf(
  peer: Uint8Array,
  readable: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
): InviteChannel {
  const writer = writable.getWriter();
  const reader = readable.getReader();
  const close = () => writer.close().catch(() => {});
  return {
    peer,
    send: (message) => writer.write(message),
    close,
    // As with the real one, leaving the loop closes the channel.
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return;
          yield value;
        }
      } finally {
        await close();
      }
    },
  };
}
