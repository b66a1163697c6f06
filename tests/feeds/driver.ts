/**
 * A peer for the tests of the feeds room: reads commands (`{ id, op, args }`, one a line) from
 * stdin, answers on stdout, and prints every event of the service. Bytes are `hex:…` strings.
 */
import { fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  type Channel,
  type Dht,
  type Feeds,
  type Progress,
  startDht,
  startFeeds,
} from '../../feeds/client/mod.ts';

// deno-lint-ignore no-explicit-any -- whatever the test sends is passed on
type Args = Record<string, any>;

let feeds: Feeds | null = null;
let dht: Dht | null = null;
const channels: { channel: Channel; reader: AsyncIterator<Uint8Array> }[] = [];

const say = (value: unknown): void => {
  const line = JSON.stringify(value, function (this: Record<string, unknown>, key, plain) {
    const own = this[key];
    if (own instanceof Uint8Array) return `hex:${toHex(own)}`;
    return own instanceof NexusError ? own.toJSON() : plain;
  });
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
};

const keep = (channel: Channel): number =>
  channels.push({ channel, reader: channel[Symbol.asyncIterator]() }) - 1;

const operations: Record<string, (args: Args) => unknown> = {
  dht: async (args) => {
    dht = await startDht(args as never);
    return { host: dht.host, port: dht.port };
  },
  start: async (args) => {
    const began = performance.now();
    feeds = await startFeeds(args as never);
    const ms = performance.now() - began;
    const { events } = feeds;
    (async () => {
      for await (const event of events) say({ event });
    })();
    return { ms, identity: feeds.identity };
  },
  read: async ({ core, start, end }) => {
    const range = {
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end }),
    };
    const blocks = [];
    for await (const { value } of feeds!.read(core, range)) blocks.push(value);
    return blocks;
  },
  open: async ({ peer, ...options }) => {
    const channel = await feeds!.open(peer, options as never);
    return { ch: keep(channel), handshake: channel.handshake };
  },
  // Each channel of the protocol is echoed, or only reported as an event.
  serve: async ({ protocol, echo }) => {
    feeds!.serve(protocol, (channel) => {
      say({ event: { type: 'served', ch: keep(channel), handshake: channel.handshake } });
      if (!echo) return;
      (async () => {
        for await (const message of channel) await channel.send(message);
      })().catch(() => {});
    });
    // The service takes calls in their order: once this one is answered, it serves.
    await feeds!.cores();
  },
  send: ({ ch, message }) => channels[ch]!.channel.send(message),
  // Sends until the window is full; answers how many messages went in at once.
  flood: async ({ ch, count, bytes }) => {
    let sent = 0;
    for (; sent < count; sent++) {
      const sending = channels[ch]!.channel.send(new Uint8Array(bytes)).then(() => true);
      const full = new Promise((resolve) => setTimeout(() => resolve(false), 300));
      if (!await Promise.race([sending.catch(() => false), full])) break;
    }
    return sent;
  },
  receive: async ({ ch }) => {
    const { value, done } = await channels[ch]!.reader.next();
    return { value: value ?? null, done: done === true };
  },
  closeChannel: ({ ch }) => channels[ch]!.channel.close(),
  memory: () => Deno.memoryUsage().rss,
  fetch: ({ core, path, maxBytes }) => {
    let last: Progress | null = null;
    const onProgress = (progress: Progress) => last = progress;
    return feeds!.fetch(core, path, { maxBytes, onProgress }).then(() => last);
  },
  close: async () => {
    await feeds?.close();
    await dht?.close();
    setTimeout(() => Deno.exit(0), 50);
  },
};

const plain = [
  'append',
  'head',
  'prove',
  'cores',
  'states',
  'prefixes',
  'follow',
  'update',
  'join',
  'leave',
  'announce',
  'peers',
  'connect',
  'share',
];

async function perform(line: string): Promise<void> {
  const { id, op, args } = JSON.parse(
    line,
    (_, v) => typeof v === 'string' && v.startsWith('hex:') ? fromHex(v.slice(4)) : v,
  );
  try {
    const work = plain.includes(op)
      ? (feeds as unknown as Record<string, (...args: unknown[]) => unknown>)[op]!(...args)
      : operations[op]!(args[0] ?? {});
    say({ id, ok: await work ?? null });
  } catch (error) {
    say({
      id,
      error: error instanceof NexusError ? error : { code: 'OTHER', message: `${error}` },
    });
  }
}

let rest = '';
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split('\n');
  rest = lines.pop()!;
  for (const line of lines) perform(line);
}
Deno.exit(0);
