import { deserialize, serialize } from 'node:v8';
import t from 'tap';
import { Held } from './held.ts';
import { toHex } from '../../feeds/base/mod.ts';
import { type Cut, CutView } from '../../feeds/agreement/mod.ts';
import {
  decodeRecord,
  type IdentityRecord,
  importSigner,
  type LogRecord,
  signRecord,
} from '../../feeds/records/mod.ts';
import {
  BeaconChains,
  CutFollower,
  Witness,
  type WitnessOptions,
  type WitnessState,
} from '../../node/witness/mod.ts';

const NETWORK = new Uint8Array(32).fill(9), CORE = new Uint8Array(32).fill(7);
const ZEROS = new Uint8Array(32), SEED = new Uint8Array(32).fill(3);
const key = toHex(CORE);

/** A network with one witness, and its log. */
async function lone() {
  const signer = await importSigner(new Uint8Array(32).fill(1));
  const { publicKey } = signer;
  const identity = await signRecord<IdentityRecord>({
    type: 'identity',
    publicKey,
    box: ZEROS,
    account: null,
    jobs: NETWORK,
    artifacts: ZEROS,
    attestations: CORE,
  }, signer.sign);
  const held = new Held();
  held.put(CORE, identity);
  const witnesses = [{ key: publicKey, weight: 1 }];
  const log = (): LogRecord[] => held.logs.get(key)!.blocks.map((block) => decodeRecord(block!));
  /** Works until it has made the cut of an epoch. */
  const until = async (epoch: number, from?: WitnessState): Promise<void> => {
    const stop = new AbortController();
    const feeds = Object.assign(held, {
      identity,
      holds: (spans: unknown[]) => Promise.resolve(spans.map(() => true)),
      prefixes: (spans: { length: number }[]) =>
        Promise.resolve(spans.map(({ length }) => ({ bytes: length, treeHash: ZEROS }))),
    });
    const options: WitnessOptions = {
      feeds,
      append: (blocks) => Promise.resolve(held.put(CORE, ...blocks.map(decodeRecord))),
      network: NETWORK,
      witnesses,
      signer,
      epochMs: 4,
      beaconSeed: SEED,
      onCut: (cut: Cut) => cut.epoch >= epoch && stop.abort(),
      ...(from === undefined ? {} : { from }),
    };
    await Witness.run(options, stop.signal);
  };
  /** Where a follower is with the cut of an epoch, as a file keeps it. */
  const stateAt = async (epoch: number, tracks: boolean): Promise<WitnessState> => {
    const stop = new AbortController();
    const follower = new CutFollower({
      feeds: held,
      network: NETWORK,
      witnesses,
      signal: stop.signal,
    });
    const chains = new BeaconChains({ seed: SEED, network: NETWORK, core: CORE });
    for await (const { epoch: at, spans } of follower) {
      for (const { from, to } of spans) {
        log().slice(from, to).forEach((record, i) => chains.take(record, from + i));
      }
      chains.covered(at, spans);
      if (at === epoch) break;
    }
    stop.abort();
    const state = { ...follower.state(), chains: tracks ? chains.state() : null };
    return deserialize(serialize(state));
  };
  return { held, witnesses, log, until, stateAt };
}

for (const tracks of [true, false]) {
  const how = tracks ? 'that knows its chains' : 'of a node that was no witness then';
  t.test(`a witness goes on from a state of long ago ${how}, and is of one mind`, async (t) => {
    const { witnesses, log, until, stateAt } = await lone();
    await until(12);
    await until(20, await stateAt(5, tracks));
    // Nothing was said twice: it stood in the log, after the state.
    const said = log().map((record) => {
      switch (record.type) {
        case 'vote':
          return `${record.step} ${record.epoch} ${record.round}`;
        case 'proposal':
          return `proposal ${record.epoch} ${record.round}`;
        case 'beaconReveal':
          return `reveal ${record.epoch}`;
        default:
          return record.type;
      }
    });
    t.equal(new Set(said).size, said.length);
    t.equal(said.filter((what) => what === 'beaconChain').length, 1);
    const view = new CutView({ network: NETWORK, witnesses });
    for (const record of log()) t.equal((await view.take(record)).equivocation, null);
    t.ok(view.epoch > 20);
    const missed = Array.from({ length: 18 }, (_, i) => i + 2)
      .filter((epoch) => !said.includes(`reveal ${epoch}`));
    const most = tracks ? 0 : 1;
    t.ok(missed.length <= most, `no more than ${most} beacons without it: ${missed}`);
  });
}

t.test('a witness whose log has lost entries says nothing', async (t) => {
  const { held, log, until, stateAt } = await lone();
  await until(8);
  const state = await stateAt(7, true);
  const { blocks } = held.logs.get(key)!;
  blocks.length = 10;
  await t.rejects(until(20, state), { code: 'WITNESS_LOG_LOST' });
  t.equal(log().length, 10);
});
