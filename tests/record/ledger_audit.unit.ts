import t from 'tap';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { decodeRecord, encodeRecord, type LogName } from '../../feeds/records/mod.ts';
import { defaultLedgerRules } from '../../node/network/mod.ts';
import { reportAudit } from '../../node/cli/ledger_audit.ts';
import { Output } from '../../node/cli/mod.ts';
import { auditLedger, type LedgerAudit, type LedgerStep } from '../../node/record/mod.ts';
import { RealMesh } from '../evidence/world.ts';
import { openStore } from '../proof/cores.ts';
import { type Party, World } from '../trust/world.ts';

const MOST = Number.MAX_SAFE_INTEGER;
/** 64 bits each, little-endian: the most that an amount may be, and -1. */
const LARGEST = 'ffffffffffff1f00', NEGATIVE = 'ffffffffffffffff';

/** Audits what is in everybody's logs. */
async function auditOf(mesh: RealMesh, world: World) {
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
  const about = { name: 'test', id: mesh.network, file, keyFolder: '/nowhere' };
  const found: LedgerStep[] = [];
  const steps = auditLedger(source, about, new AbortController().signal);
  let step = await steps.next();
  for (; !step.done; step = await steps.next()) found.push(step.value);
  return { found, audit: step.value };
}

/** What the command says of an audit, and whether all is well. */
async function reported(audit: LedgerAudit, json: boolean) {
  let text = '';
  const sink = {
    terminal: false,
    color: false,
    write: (said: string) => Promise.resolve(void (text += said)),
  };
  const out = new Output(sink, sink, { json, quiet: false, verbose: false });
  const network = { name: 'test' } as Parameters<typeof reportAudit>[1]['network'];
  const ok = await reportAudit(audit, { network, slashes: [], findings: [], found: 0 }, out);
  return { ok, text };
}

t.test('the audit of a ledger tells where the witnesses certify another root', async (t) => {
  const witnesses = [0, 1, 2].map((i) => `witness ${i}`);
  const mesh = await RealMesh.of(await openStore(t), ['requester', ...witnesses]);
  const world = new World({ auditors: 0, notary: mesh });
  world.party('requester');
  await world.pass(2);
  const other = new Uint8Array(32).fill(7), epoch = 1;
  const lie = (i: number) =>
    world.append(world.witnesses[i]!, 'attestations', {
      type: 'ledgerRoot',
      network: mesh.network,
      epoch,
      root: other,
      accounts: null,
      receipts: null,
    });
  lie(0);
  lie(1);
  await world.pass(1);
  const before = (await auditOf(mesh, world)).audit;
  t.equal(before.view.differs, null);
  const few = await reported(before, true);
  t.equal(few.ok, true, 'two of three are not more than two thirds');
  t.match(JSON.parse(few.text), { event: 'ledger', differs: null, ok: true });
  lie(2);
  await world.pass(1);
  const { audit } = await auditOf(mesh, world);
  const root = audit.view.epochs.find((one) => one.epoch === epoch)!.root;
  t.same(audit.view.differs, { epoch, root, certified: toHex(other) });
  const { ok, text } = await reported(audit, false);
  t.equal(ok, false);
  t.match(text, /more than two thirds of the witnesses vouch for 0707/);
  t.match(text, /hold payments back/);
  const json = await reported(audit, true);
  const event = JSON.parse(json.text.split('\n').find((line) => line.startsWith('{'))!);
  t.match(event, { event: 'ledger', ok: false, differs: { epoch, certified: toHex(other) } });

  const late = { ...audit, view: { ...audit.view, differs: null, epoch: 40 } };
  t.match((await reported(late, false)).text, /no root yet, 41 cuts on/);
  t.equal((await reported(late, false)).ok, true);
});

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

  const { found, audit } = await auditOf(mesh, world);
  const told = found.flatMap((one) => one.type === 'finding' ? [one.finding] : []);
  for (const { code, core, index, author } of wanted) {
    const of = told.filter(({ place }) => place.core === core && place.index === index);
    t.match(of, [{ code, author }]);
    t.equal(of.length, 1);
  }
  const { view } = audit;
  t.match(view.accounts.find(({ key }) => key === executor.hex), { bonded: 0, violations: 0 });
  const { available, pending, escrow, bonded, owed, burned, grants, emission } = view.totals;
  t.equal(available + pending + escrow + bonded - owed + burned, grants + emission);
});
