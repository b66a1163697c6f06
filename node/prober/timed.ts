import type { Channel } from '../../feeds/client/mod.ts';

/**
 * A channel that tells when its first message was sent, by this machine's clock: that is the offer. What
 * its peer says of the time is not asked for.
 * @param tick monotonic milliseconds
 */
export function timed(
  channel: Channel,
  tick: () => number,
  onSent: (at: number) => void,
): Channel {
  let sent = false;
  return {
    peer: channel.peer,
    protocol: channel.protocol,
    id: channel.id,
    get handshake() {
      return channel.handshake;
    },
    send(message) {
      if (!sent) onSent(tick());
      sent = true;
      return channel.send(message);
    },
    close: () => channel.close(),
    [Symbol.asyncIterator]: () => channel[Symbol.asyncIterator](),
  };
}
