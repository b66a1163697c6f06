import { deserialize, serialize } from 'node:v8';
import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import type { BeaconChainRecord, LogRecord } from '../../feeds/records/mod.ts';
import { BeaconView, Weights } from '../../feeds/trust/mod.ts';
import { BeaconChains, type ChainsState } from '../../node/witness/mod.ts';

const NETWORK = new Uint8Array(32).fill(1), CORE = new Uint8Array(32).fill(2);
const KEY = new Uint8Array(32).fill(3);

const chainsOf = (seed: number, from?: ChainsState) =>
  new BeaconChains({
    seed: new Uint8Array(32).fill(seed),
    network: NETWORK,
    core: CORE,
    length: 8,
    ...(from === undefined ? {} : { from }),
  });

t.test('every epoch after the first has a share that counts, over many chains and a restart', (t) => {
  const log: LogRecord[] = [];
  const view = new BeaconView(new Weights([{ key: KEY, weight: 1 }]));
  let chains = chainsOf(7);
  let covered = 0;
  const misses: number[] = [];
  let known = chains.state();
  for (let epoch = 0; epoch < 40; epoch++) {
    const chain = chains.next(epoch);
    if (chain !== null) {
      t.equal(chains.next(epoch), null, 'asked for once');
      chains.take(chain, log.push(chain) - 1);
    }
    if (epoch % 13 === 12) {
      chains = chainsOf(7);
      log.forEach((record, i) => chains.take(record, i));
      // The cuts so far are read again as well.
      chains.covered(0, [{ core: CORE, from: 0, to: covered }]);
    }
    if (epoch % 13 === 6) {
      // From what was known at the newest cut: what came later is read again.
      const from: ChainsState = deserialize(serialize(known));
      chains = chainsOf(7, from);
      log.slice(covered).forEach((record, i) => chains.take(record, covered + i));
    }
    const span = { core: CORE, from: covered, to: log.length };
    const place = { core: toHex(CORE), index: 0, cut: epoch };
    for (const record of log.slice(covered)) {
      if (record.type === 'beaconChain') t.equal(view.takeChain(toHex(KEY), record, place), null);
      if (record.type === 'beaconReveal') t.equal(view.takeReveal(toHex(KEY), record, place), null);
    }
    covered = log.length;
    const beacon = view.conclude(epoch - 1, KEY);
    if (epoch > 0 && beacon.value === null) misses.push(epoch - 1);
    chains.covered(epoch, [span]);
    known = chains.state();
    const reveal = chains.reveal(epoch);
    if (reveal !== null) chains.take(reveal, log.push(reveal) - 1);
    t.equal(chains.reveal(epoch), null, 'revealed once');
  }
  t.same(misses, [0], 'what the first chain stands in');
  t.end();
});

t.test('a chain of a secret that is lost makes room for a new one', (t) => {
  const before = chainsOf(7).next(0) as BeaconChainRecord;
  const mine = chainsOf(7);
  mine.take(before, 1);
  for (const chains of [chainsOf(8), chainsOf(8, mine.state())]) {
    chains.take(before, 1);
    chains.covered(0, [{ core: CORE, from: 0, to: 2 }]);
    t.equal(chains.reveal(1), null);
    t.match(chains.next(1), { type: 'beaconChain', from: 2 });
  }
  t.end();
});
