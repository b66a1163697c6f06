import t from 'tap';
import { deserialize, serialize } from 'node:v8';
import { Held } from './held.ts';
import { toHex } from '../../feeds/base/mod.ts';
import { cutHash, encodeRecord, type LogRecord } from '../../feeds/records/mod.ts';
import { CutFollower, type FollowerState } from '../../node/witness/mod.ts';
import { NETWORK, Writer, ZEROS } from './writer.ts';

function follow(
  t: { teardown(end: () => void): void },
  feeds: Held,
  writers: Writer[],
  from?: FollowerState,
  tick?: () => number,
) {
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const witnesses = writers.map(({ signer }) => ({ key: signer.publicKey, weight: 1 }));
  const follower = new CutFollower({
    feeds,
    network: NETWORK,
    witnesses,
    signal: stop.signal,
    ...(from === undefined ? {} : { from }),
    ...(tick === undefined ? {} : { tick }),
  });
  return { follower, cuts: follower[Symbol.asyncIterator](), stop };
}

t.test('cuts come in order, old and new, once their blocks are here', async (t) => {
  const feeds = new Held();
  const one = await Writer.of(1);
  const entries: LogRecord[] = [await one.identity()];
  let previous: Uint8Array = ZEROS;
  for (let epoch = 0; epoch < 4; epoch++) {
    const proposal = await one.proposal(epoch, previous);
    previous = cutHash(proposal);
    entries.push(proposal, await one.vote(epoch, previous));
  }
  // A log of nobody who matters, and one that only names the witness.
  const other = await Writer.of(2);
  feeds.put(other.core, await other.identity());
  feeds.put(new Uint8Array(32).fill(50), entries[0]!, ...entries.slice(3));
  feeds.put(one.core, ...entries.slice(0, 5));
  const { follower, cuts, stop } = follow(t, feeds, [one]);
  t.equal((await cuts.next()).value?.epoch, 0);
  t.equal((await cuts.next()).value?.epoch, 1);
  t.ok(feeds.followed.includes(toHex(one.core)));

  const next = cuts.next();
  feeds.put(one.core, null, entries[6]!);
  const { blocks } = feeds.logs.get(toHex(one.core))!;
  blocks[5] = encodeRecord(entries[5]!);
  feeds.moved(one.core);
  const { value } = await next;
  t.match(value, { epoch: 2, spans: [{ core: one.core, from: 2, to: 3 }] });
  t.equal(follower.current?.epoch, 2);
  const last = cuts.next();
  stop.abort();
  t.equal((await last).done, true);
});

t.test('a vote that is not shown to all counts where another witness repeats it', async (t) => {
  const feeds = new Held();
  const all = await Promise.all([1, 2].map((i) => Writer.of(i)));
  const key = ({ signer }: Writer) => toHex(signer.publicKey);
  const [first, second] = all.sort((a, b) => key(a) < key(b) ? -1 : 1) as [Writer, Writer];
  const proposal = await first.proposal(0, ZEROS);
  const hash = cutHash(proposal);
  feeds.put(first.core, await first.identity(), proposal);
  const ahead = await second.proposal(1, hash);
  feeds.put(second.core, await second.identity(), await second.vote(0, hash), ahead);
  const { follower, cuts } = follow(t, feeds, all);
  const next = cuts.next();
  // Far behind what cannot be taken yet.
  const noise = await Promise.all(Array.from({ length: 70 }, (_, i) => second.vote(2 + i, null)));
  feeds.put(second.core, ...noise, await first.vote(0, hash));
  t.match((await next).value, { epoch: 0, hash });
  t.equal(follower.view.epoch, 1);
  t.equal(follower.current?.votes.length, 2);
});

t.test('logs of witnesses that are gone are found by what the others said of them later', async (t) => {
  const feeds = new Held();
  const all = await Promise.all([1, 2, 3, 4].map((i) => Writer.of(i)));
  const key = ({ signer }: Writer) => toHex(signer.publicKey);
  const [first, second, ...left] = all.sort((a, b) => key(a) < key(b) ? -1 : 1);
  const gone = [first!, second!];
  const proposal = await first!.proposal(0, ZEROS);
  const hash = cutHash(proposal);
  const logs = new Map<string, LogRecord[]>();
  for (const one of all) {
    const entries: LogRecord[] = [await one.identity(), await one.vote(0, hash)];
    if (one === first) entries.splice(1, 0, proposal);
    logs.set(toHex(one.core), entries);
  }
  const [third, fourth] = left as [Writer, Writer];
  const noise = await Promise.all(Array.from({ length: 70 }, (_, i) => third.vote(1 + i, null)));
  const names = await third.proposal(2, hash, gone.map(({ core }) => core));
  feeds.put(fourth.core, ...logs.get(toHex(fourth.core))!);
  feeds.put(third.core, ...logs.get(toHex(third.core))!, ...noise, null);
  const { cuts } = follow(t, feeds, all);
  const next = cuts.next();
  // The proposer of the first cut is gone, and the entry that names it is still on its way.
  while (!feeds.reads.some(({ start }) => start > 64)) await new Promise(setImmediate);
  feeds.logs.get(toHex(third.core))!.blocks.pop();
  feeds.put(third.core, names);
  const named = () => gone.every(({ core }) => feeds.followed.includes(toHex(core)));
  while (!named()) await new Promise(setImmediate);
  for (const { core } of gone) feeds.put(core, ...logs.get(toHex(core))!);
  t.match((await next).value, { epoch: 0, hash });
});

t.test('a follower goes on where another one was, and reads nothing before', async (t) => {
  const feeds = new Held();
  const one = await Writer.of(1);
  const entries: LogRecord[] = [await one.identity()];
  let previous: Uint8Array = ZEROS;
  for (let epoch = 0; epoch < 5; epoch++) {
    const proposal = await one.proposal(epoch, previous);
    previous = cutHash(proposal);
    entries.push(proposal, await one.vote(epoch, previous));
  }
  feeds.put(one.core, ...entries.slice(0, 8));
  const { follower, cuts } = follow(t, feeds, [one]);
  for (let epoch = 0; epoch < 3; epoch++) t.equal((await cuts.next()).value?.epoch, epoch);
  const atCut: FollowerState = deserialize(serialize(follower.state()));
  // In the midst of the next epoch.
  const next = cuts.next();
  while (follower.view.tally.isEmpty) await new Promise((resolve) => setImmediate(resolve));
  const between: FollowerState = deserialize(serialize(follower.state()));
  feeds.put(one.core, ...entries.slice(8));
  const { value } = await next;
  for (const state of [atCut, between]) {
    feeds.reads.length = 0;
    const later = follow(t, feeds, [one], state);
    t.equal(later.follower.current?.epoch, 2);
    t.same((await later.cuts.next()).value, value);
    t.equal((await later.cuts.next()).value?.epoch, 4);
    t.ok(feeds.reads.every(({ start }) => start >= 5), JSON.stringify(feeds.reads));
  }
});

t.test('what was done without counts when it comes after all', async (t) => {
  const feeds = new Held();
  const one = await Writer.of(1);
  const entries: LogRecord[] = [await one.identity()];
  let previous: Uint8Array = ZEROS;
  for (let epoch = 0; epoch < 3; epoch++) {
    const proposal = await one.proposal(epoch, previous);
    previous = cutHash(proposal);
    entries.push(proposal, await one.vote(epoch, previous));
  }
  let now = 0;
  feeds.put(one.core, ...entries.slice(0, 3), null, null, ...entries.slice(5));
  const { follower, cuts } = follow(t, feeds, [one], undefined, () => now);
  t.equal((await cuts.next()).value?.epoch, 0);
  const next = cuts.next();
  const at = () => follower.state().positions.get(toHex(one.core))!.at;
  const reads = async (count: number) => {
    const until = feeds.reads.length + count;
    for (let i = 0; feeds.reads.length < until; i++) {
      feeds.moved(one.core);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  for (let i = 0; i < 4; i++) {
    await reads(8);
    now += 20_000;
  }
  t.equal(follower.view.epoch, 1, 'what comes after them is read, and of a later epoch');
  t.equal(at(), 3, 'whoever goes on from here looks for them, too');
  const { blocks } = feeds.logs.get(toHex(one.core))!;
  [blocks[3], blocks[4]] = entries.slice(3, 5).map(encodeRecord) as [Uint8Array, Uint8Array];
  feeds.moved(one.core);
  t.equal((await next).value?.epoch, 1);
  t.equal((await cuts.next()).value?.epoch, 2);
  t.ok(at() > 4);
});
