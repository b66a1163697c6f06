import t from 'tap';
import type { CoreState, Feeds, FeedsEvent } from '../../feeds/client/mod.ts';
import { Broadcast } from '../../feeds/base/mod.ts';
import type { NodeEvent, NodeStatus, PeerRow, WatchEvent } from '../../node/control/mod.ts';
import { WatchHub } from '../../node/watch/hub.ts';
import type { WatchSource } from '../../node/watch/sampling.ts';

const bytes = (n: number) => new Uint8Array(32).fill(n);

/** A node that a test plays. */
class Played implements WatchSource {
  readonly listeners = new Set<(event: NodeEvent) => void>();
  readonly events = new Broadcast<FeedsEvent>();
  peerRows: PeerRow[] = [];
  samples = 0;
  held: (Uint8Array | null)[] = [bytes(0)];

  status() {
    this.samples++;
    return { key: 'aa' } as NodeStatus;
  }
  peers() {
    return this.peerRows;
  }
  history() {
    return [];
  }
  on(listener: (event: NodeEvent) => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  emit(event: string, fields = {}) {
    for (const listener of this.listeners) listener({ event, at: 1, ...fields });
  }
  state(): CoreState {
    const held = this.held.filter((value) => value !== null).length;
    const length = this.held.length;
    return { key: bytes(7), length, fork: 0, bytes: 32 * length, held, treeHash: bytes(length) };
  }
  feeds() {
    const { events, held } = this;
    return Promise.resolve({
      events,
      identity: { publicKey: bytes(1) },
      states: () => Promise.resolve([this.state()]),
      async *read(_core: Uint8Array, { start, end }: { start: number; end: number }) {
        for (let index = start; index < end; index++) yield { index, value: held[index] ?? null };
      },
    } as unknown as Feeds);
  }
  replay() {
    return Promise.resolve({ findings: [], unresolved: 0, digest: 'd' });
  }
}

async function next(watch: AsyncGenerator<WatchEvent>, event: string): Promise<WatchEvent> {
  for (;;) {
    const { value, done } = await watch.next();
    if (done) throw new Error(`the end, before ${event}`);
    if (value.event === event) return value;
  }
}

t.test('one sampling for all who watch, and none when nobody does', async (t) => {
  const node = new Played();
  const hub = new WatchHub(node);
  const abort = new AbortController();
  const [one, two] = [hub.watch(abort.signal), hub.watch(abort.signal)];
  for (const watch of [one, two]) t.equal((await watch.next()).value?.event, 'snapshot');
  t.equal(node.listeners.size, 1);
  node.emit('run-done', { job: 'j' });
  for (const watch of [one, two]) t.match(await next(watch, 'run-done'), { job: 'j' });
  node.peerRows = [{ key: 'p', name: 'peer' } as PeerRow];
  for (const watch of [one, two]) t.match(await next(watch, 'peers'), { gone: [] });
  node.peerRows = [];
  t.match(await next(one, 'peers'), { peers: [], gone: ['p'] });
  await one.return();
  t.equal(node.listeners.size, 1, 'the other one goes on');
  const last = two.next();
  abort.abort();
  while (!(await last).done && !(await two.next()).done);
  t.equal(node.listeners.size, 0);
  t.equal(hub.watchers, 0);
});

t.test('who reads too slowly loses events and starts anew with a snapshot', async (t) => {
  const node = new Played();
  const watch = new WatchHub(node).watch(new AbortController().signal);
  await watch.next();
  for (let i = 0; i < 20_000; i++) node.emit('tick', { i });
  const { value } = await watch.next();
  t.match(value, { event: 'lagged', lost: 20_000 });
  t.equal((await watch.next()).value?.event, 'snapshot');
  node.emit('tick', { i: -1 });
  t.match(await next(watch, 'tick'), { i: -1 });
  await watch.return();
});

t.test('entries are told once, also those that arrive late and out of order', async (t) => {
  const node = new Played();
  const watch = new WatchHub(node).watch(new AbortController().signal);
  const { value } = await watch.next();
  t.match(value, { entries: [{ index: 0, error: /^[A-Z_]+$/ }], cores: [{ length: 1 }] });
  const move = (...held: (number | null)[]) => {
    node.held.splice(0, Infinity, ...held.map((n) => n === null ? null : bytes(n)));
    node.events.emit({ type: 'head', head: node.state() });
  };
  move(0, null, 2);
  t.match(await next(watch, 'cores'), { cores: [{ length: 3, lag: 1 }] });
  t.match(await next(watch, 'entry'), { entry: { index: 2 } });
  move(0, 1, 2, 3);
  t.match(await next(watch, 'cores'), { cores: [{ length: 4, lag: 0 }] });
  t.match(await next(watch, 'entry'), { entry: { index: 1 } });
  t.match(await next(watch, 'entry'), { entry: { index: 3 } });
  await watch.return();
});
