import t from 'tap';
import { Held } from './held.ts';
import { equalBytes, toHex } from '../../feeds/base/mod.ts';
import { type Cut, SEATS_LAG } from '../../feeds/agreement/mod.ts';
import { cutHash, decodeRecord, type LogRecord } from '../../feeds/records/mod.ts';
import { CutFollower, Witness } from '../../node/witness/mod.ts';
import { NETWORK, Writer, ZEROS } from './writer.ts';

/** One witness's log, then another's: the first states that the second follows it. */
async function succession(cuts: number) {
  const [old, heir] = await Promise.all([Writer.of(1), Writer.of(2)]);
  const logs = new Map<Writer, LogRecord[]>([
    [old, [await old.identity()]],
    [heir, [await heir.identity()]],
  ]);
  const covered = new Map<Writer, number>();
  let previous: Uint8Array = ZEROS;
  for (let epoch = 0; epoch < cuts; epoch++) {
    const who = epoch < SEATS_LAG ? old : heir;
    const grown = [old, heir].filter((one) => logs.get(one)!.length > (covered.get(one) ?? 0));
    const heads = grown.map((one) => ({
      core: one.core,
      length: logs.get(one)!.length,
      treeHash: ZEROS,
    })).sort((a, b) => toHex(a.core) < toHex(b.core) ? -1 : 1);
    for (const one of grown) covered.set(one, logs.get(one)!.length);
    const seats = epoch === 0 ? [{ key: heir.signer.publicKey, weight: 5 }] : null;
    const proposal = await who.stating(epoch, previous, heads, seats);
    previous = cutHash(proposal);
    logs.get(who)!.push(proposal, await who.vote(epoch, previous));
  }
  return { old, heir, logs, witnesses: [{ key: old.signer.publicKey, weight: 1 }] };
}

t.test('a newcomer finds the log of a first witness that has gone by what its heirs name', async (t) => {
  const { old, heir, logs, witnesses } = await succession(5);
  for (const elects of [true, false]) {
    const stop = new AbortController();
    t.teardown(() => stop.abort());
    const feeds = new class extends Held {
      // Peers hold it, but only who asks for it gets it.
      override follow(cores: Uint8Array[]): Promise<void> {
        const isNew = !this.logs.has(toHex(old.core));
        if (isNew && cores.some((core) => equalBytes(core, old.core))) {
          this.put(old.core, ...logs.get(old)!);
        }
        return super.follow(cores);
      }
    }();
    feeds.put(heir.core, ...logs.get(heir)!);
    const follower = new CutFollower({
      feeds,
      network: NETWORK,
      witnesses,
      elects,
      signal: stop.signal,
    });
    const cuts = follower[Symbol.asyncIterator]();
    const first = cuts.next();
    if (!elects) {
      while (feeds.reads.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      stop.abort();
      t.equal((await first).done, true, 'where nobody follows the first, nobody else is asked');
      t.same(feeds.followed, []);
      continue;
    }
    const found: Cut[] = [(await first).value!];
    while (found.length < 5) found.push((await cuts.next()).value!);
    t.same(found.map(({ epoch }) => epoch), [0, 1, 2, 3, 4]);
    t.same(found.map(({ electorate: [one] }) => one!.weight), [1, 1, 5, 5, 5]);
    t.notOk(follower.state().positions.has(toHex(old.core)), 'it is read no more');
  }
});

t.test('who stands by reveals, and says nothing else', async (t) => {
  const { old, witnesses, logs } = await succession(SEATS_LAG);
  const other = await Writer.of(3), stop = new AbortController();
  const feeds = Object.assign(new Held(), {
    identity: await other.identity(),
    holds: (spans: unknown[]) => Promise.resolve(spans.map(() => true)),
    prefixes: (spans: unknown[]) => Promise.resolve(spans.map(() => null)),
  });
  feeds.put(other.core, feeds.identity);
  feeds.put(old.core, ...logs.get(old)!);
  await Witness.run({
    feeds,
    append: (blocks) => {
      feeds.put(other.core, ...blocks.map(decodeRecord));
      stop.abort();
      return Promise.resolve();
    },
    network: NETWORK,
    witnesses,
    seatsAfter: () => null,
    signer: other.signer,
    epochMs: 1,
    beaconSeed: ZEROS,
  }, stop.signal);
  const said = feeds.logs.get(toHex(other.core))!.blocks.map((block) => decodeRecord(block!).type);
  t.same(said, ['identity', 'beaconChain']);
});
