import t from 'tap';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { decodeRecord, encodeRecord, type LogName } from '../../feeds/records/mod.ts';
import { defaultLedgerRules } from '../../node/network/mod.ts';
import { auditLedger, type LedgerStep } from '../../node/record/mod.ts';
import { RealMesh } from '../evidence/world.ts';
import { openStore } from '../proof/cores.ts';
import { type Party, World } from '../trust/world.ts';

const MOST = Number.MAX_SAFE_INTEGER;
/** 64 bits each, little-endian: the most that an amount may be, and -1. */
const LARGEST = 'ffffffffffff1f00', NEGATIVE = 'ffffffffffffffff';

t.test('the audit of a ledger names what never came to be an entry, and whose it is', async (t) => {
  const names = ['requester', 'executor', ...[0, 1, 2].map((i) => `witness ${i}`)];
  const mesh = await RealMesh.of(await openStore(t), names);
  const world = new World({ auditors: 0, notary: mesh });
  const [requester, executor] = names.map((name) => world.party(name)) as [Party, Party];
  const { network } = mesh, at = 0;
  await world.pass(1);

  const blocks = (party: Party, log: LogName) => world.logs.get(toHex(party.cores[log]))!.blocks;
  const write = (party: Party, log: LogName, block: Uint8Array) => {
    const core = toHex(party.cores[log]);
    return { core, index: blocks(party, log).push(block) - 1, author: party.hex };
  };
  const negative = (block: Uint8Array) => {
    const text = toHex(block);
    t.equal(text.split(LARGEST).length, 2, 'the amount stands there once');
    return fromHex(text.replace(LARGEST, NEGATIVE));
  };
  const bond = encodeRecord({ type: 'bond', network, amount: MOST, at });
  const unbond = encodeRecord({ type: 'unbond', network, amount: MOST, at });
  world.work(requester, executor);
  const offer = decodeRecord(blocks(requester, 'jobs').at(-2)!);
  if (offer.type !== 'job') throw new Error('it offers no job');
  const dear = encodeRecord({ ...offer, priceCap: MOST });
  const wanted = [
    { code: 'undecodable', ...write(executor, 'artifacts', negative(bond)) },
    { code: 'undecodable', ...write(executor, 'artifacts', negative(unbond)) },
    { code: 'undecodable', ...write(requester, 'jobs', negative(dear)) },
    { code: 'wrong-log', ...write(executor, 'jobs', bond) },
    { code: 'bond-amount', ...write(executor, 'artifacts', bond) },
  ];
  await world.pass(2);

  const logs = await mesh.logs(world);
  const source = {
    states: () =>
      Promise.resolve(logs.map(({ key, blocks }) => ({ key, length: blocks.length, fork: 0 }))),
    async *read(core: Uint8Array, { start, end }: { start: number; end: number }) {
      const { blocks } = logs.find(({ key }) => toHex(key) === toHex(core))!;
      yield* blocks.slice(start, end).map((value, i) => ({ index: start + i, value }));
    },
  } as unknown as Parameters<typeof auditLedger>[0];
  const file = {
    ...mesh.file,
    ledger: { rules: defaultLedgerRules(), genesis: [], coefficients: [] },
  };
  const about = { name: 'test', id: network, file, keyFolder: '/nowhere' };
  const found: LedgerStep[] = [];
  const steps = auditLedger(source, about, new AbortController().signal);
  let step = await steps.next();
  for (; !step.done; step = await steps.next()) found.push(step.value);
  const told = found.flatMap((one) => one.type === 'finding' ? [one.finding] : []);
  for (const { code, core, index, author } of wanted) {
    const of = told.filter(({ place }) => place.core === core && place.index === index);
    t.match(of, [{ code, author }]);
    t.equal(of.length, 1);
  }
  const { view } = step.value;
  t.match(view.accounts.find(({ key }) => key === executor.hex), { bonded: 0, violations: 0 });
  const { available, pending, escrow, bonded, owed, burned, grants, emission } = view.totals;
  t.equal(available + pending + escrow + bonded - owed + burned, grants + emission);
});
