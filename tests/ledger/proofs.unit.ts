import t from 'tap';
import { fromHex } from '../../feeds/base/mod.ts';
import {
  type LedgerEvent,
  NetworkFold,
  type NetworkOptions,
  type NetworkState,
} from '../../feeds/ledger/mod.ts';
import {
  encodeRecord,
  type ProofRecord,
  publicsHash,
  type PublicsOpening,
  recordHash,
} from '../../feeds/records/mod.ts';
import { accusationOf } from '../../feeds/sampling/mod.ts';
import { bytes32, NETWORK, type Party } from '../trust/world.ts';
import { Economy, imbalance, NCU } from './economy.ts';
import { KEY, ROOT } from '../sampling/proven_world.ts';

/** An economy in which sampling is proven, folded as nodes fold it. */
class Proving extends Economy {
  readonly network: NetworkOptions = {
    ...this.options,
    ...this.money,
    proofs: {
      terms: { share: 10_000, withinCuts: 6, keys: { sample: KEY } },
      check: (_statement, _key, _publics, proof) => Promise.resolve(proof[0] === 1),
    },
  };
  readonly folded = new NetworkFold(this.network);
  readonly paid: LedgerEvent[] = [];
  #taken = 0;

  override async cut(options: Parameters<Economy['cut']>[0] = {}) {
    const events = await super.cut(options);
    for (; this.#taken < this.cuts.length; this.#taken++) {
      const { cut, entries } = this.cuts[this.#taken]!;
      this.paid.push(...(await this.folded.takeCut(cut, entries)).ledger);
    }
    return events;
  }
}

async function proven(holds: boolean) {
  const world = new Proving();
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  world.bond(executor, 5 * NCU);
  await world.pass(2);
  const { artifact } = world.deal(requester, executor, { artifact: { topkRoot: ROOT } });
  await world.pass(2);
  const opening = { salt: bytes32('salt'), publics: [1n] };
  const record: ProofRecord = {
    type: 'proof',
    network: NETWORK,
    statement: 'sample',
    subject: recordHash(encodeRecord(artifact)),
    key: fromHex(KEY),
    publics: publicsHash(opening),
    proof: new Uint8Array(256).fill(holds ? 1 : 2),
    at: 0,
  };
  world.append(executor, 'artifacts', record);
  await world.cut();
  const accuse = (by: Party, shown: PublicsOpening = opening) =>
    world.append(by, 'attestations', accusationOf(executor.key, record, shown, 0));
  return { world, requester, executor, accuse, opening };
}

t.test('who logs a wrong proof loses its pay, and a part of its bond to who shows it', async (t) => {
  const { world, requester, executor, accuse } = await proven(false);
  const before = world.folded.ledger!.account(executor.hex)!;
  t.ok(before.pending > 0);
  accuse(requester);
  accuse(world.auditors[0]!);
  await world.cut();
  const slashes = world.paid.flatMap((event) => event.type === 'slash' ? [event.slash] : []);
  t.equal(slashes.length, 1, 'once');
  const [slash] = slashes;
  t.match(slash, { cause: 'proof', offender: executor.hex });
  t.equal(slash!.evidence.length, 2, 'the proof, and what shows it to be wrong');
  t.ok(slash!.amount > 0 && slash!.n >= 1);
  t.ok(slash!.finders.length === 1 && slash!.finders[0]!.amount > 0);
  const after = world.folded.ledger!.account(executor.hex)!;
  t.equal(after.pending, 0);
  t.match(after, { reputation: 0, violations: 1 });
  t.ok(after.bonded < before.bonded);
  const codes = world.paid.flatMap((event) => event.type === 'finding' ? [event.finding.code] : []);
  t.ok(codes.includes('sampling-refuted'));
  t.equal(imbalance(world.folded.ledger!.view().totals), 0n);
});

t.test('a proof that holds costs nobody anything, whatever is said of it', async (t) => {
  const { world, requester, accuse, opening } = await proven(true);
  accuse(requester);
  accuse(requester, { ...opening, publics: [2n] });
  await world.cut();
  t.same(world.paid.filter(({ type }) => type === 'slash'), []);
});

t.test('accusations are nothing to the rule of heads and votes, nor to networks without proofs', async (t) => {
  const { world, requester, accuse } = await proven(false);
  accuse(requester);
  await world.cut();
  t.notOk(world.said('slash').length, 'the ledger alone does not judge proofs');
  t.notOk(world.codes.includes('proof-invalid'));
});

t.test('the folds go on from a state with their proofs', async (t) => {
  const { world, requester, accuse } = await proven(false);
  const state: NetworkState = structuredClone(world.folded.state());
  const again = NetworkFold.restore(world.network, state);
  accuse(requester);
  await world.cut();
  const { cut, entries } = world.cuts.at(-1)!;
  const { ledger, sampling } = await again.takeCut(cut, entries);
  t.ok(ledger.some(({ type }) => type === 'slash'));
  t.match(sampling, [{ type: 'refuted' }]);
  t.same(again.ledger!.root, world.folded.ledger!.root);
});
