import t from 'tap';
import { bytes } from './duties.ts';
import { NexusError } from '../../feeds/base/mod.ts';
import type { Cut } from '../../feeds/agreement/mod.ts';
import type { Block, CoreSpan } from '../../feeds/client/mod.ts';
import { readCut, type Stall } from '../../node/auditor/mod.ts';

const core = bytes('core'), other = bytes('another core');
const treeHash = bytes('tree');

function cutOf(...spans: [Uint8Array, number, number][]): Cut {
  return {
    epoch: 4,
    hash: bytes('cut'),
    previous: bytes('previous'),
    heads: spans.map(([core, , length]) => ({ core, length, treeHash })),
    spans: spans.map(([core, from, to]) => ({ core, from, to })),
    seats: null,
    electorate: [],
    votes: [],
  };
}

/** Feeds that hold a core's blocks after so many looks. */
class Feeds {
  looks = 0;
  readonly followed: Uint8Array[] = [];
  readonly asked: CoreSpan[][] = [];
  gone = 0;
  readonly #after: number;

  constructor(after: number) {
    this.#after = after;
  }

  holds(spans: CoreSpan[]): Promise<boolean[]> {
    this.asked.push(spans);
    if (this.looks++ === 1) {
      return Promise.reject(new NexusError('FEEDS_LOST', 'the service was lost'));
    }
    return Promise.resolve(spans.map(() => this.looks > this.#after));
  }

  follow(cores: Uint8Array[]): Promise<void> {
    this.followed.push(...cores);
    return Promise.resolve();
  }

  update(): Promise<never> {
    return Promise.reject(new NexusError('CORE_UNAVAILABLE', 'nobody has it'));
  }

  async *read(
    _core: Uint8Array,
    { start = 0, end = 0 }: { start?: number; end?: number } = {},
  ): AsyncGenerator<Block> {
    for (let index = start; index < end; index++) {
      await Promise.resolve();
      yield { index, value: this.gone-- > 0 ? null : Uint8Array.of(index) };
    }
  }
}

const never = new AbortController().signal;
const silent = () => {};

t.test('a cut is read whole, under its own heads', async (t) => {
  const feeds = new Feeds(0);
  const entries = await readCut(
    cutOf([core, 2, 4], [other, 0, 1]),
    { feeds, onStall: silent },
    never,
  );
  t.strictSame(entries.map(({ core, index, bytes }) => [core, index, bytes[0]]), [
    [core, 2, 2],
    [core, 3, 3],
    [other, 0, 0],
  ]);
  t.strictSame(feeds.asked, [[
    { core, from: 2, length: 4, treeHash },
    { core: other, from: 0, length: 1, treeHash },
  ]]);
  t.equal(feeds.followed.length, 0);
});

t.test('what is not here is followed and waited for; the owner is told once', async (t) => {
  const feeds = new Feeds(4);
  const told: (Stall | null)[] = [];
  let now = 0;
  const tick = () => now += 15_000;
  const onStall = (stall: Stall | null) => told.push(stall);
  const entries = await readCut(cutOf([core, 0, 1]), { feeds, onStall, tick }, never);
  t.equal(entries.length, 1);
  t.ok(feeds.followed.length > 0);
  t.match(told, [{ epoch: 4, cores: [/^[0-9a-f]{64}$/] }, null]);
});

t.test('blocks that go while they are read are waited for again', async (t) => {
  const feeds = new Feeds(0);
  feeds.gone = 1;
  const entries = await readCut(
    cutOf([other, 0, 1], [core, 0, 2]),
    { feeds, onStall: silent },
    never,
  );
  t.equal(entries.length, 3, 'none twice');
});

t.test('whoever stops does not wait', async (t) => {
  const stop = new AbortController();
  const feeds = new Feeds(1000);
  const reading = readCut(cutOf([core, 0, 1]), { feeds, onStall: silent }, stop.signal);
  stop.abort(new Error('the node stops'));
  await t.rejects(reading, { message: 'the node stops' });
});
