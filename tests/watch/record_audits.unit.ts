import t from 'tap';
import { CHEAT_B1, CHEAT_MARGINS } from '../audit/fixtures.ts';
import { toHex } from '../../feeds/base/mod.ts';
import type { EvidenceLog } from '../../feeds/evidence/mod.ts';
import { decodeRecord } from '../../feeds/records/mod.ts';
import { trustRows } from '../../node/auditor/mod.ts';
import type { LedgerRows, TrustRows, WatchEvent } from '../../node/control/mod.ts';
import { defaultLedgerRules } from '../../node/network/mod.ts';
import { AuditRetelling } from '../../node/record/audits.ts';
import { snapshotText } from '../../tui/app/once.ts';
import { emptyState, step } from '../../tui/state/mod.ts';
import { RealMesh } from '../evidence/world.ts';
import { openStore } from '../proof/cores.ts';
import { drawEvidence, World } from '../trust/world.ts';

const AUDITORS = 5;
const NAMES = [
  'requester',
  'honest',
  'cheat',
  ...Array.from({ length: 3 }, (_, i) => `witness ${i}`),
  ...Array.from({ length: AUDITORS }, (_, i) => `auditor ${i}`),
];

t.test('what recorded logs tell of audits', async (t) => {
  const mesh = await RealMesh.of(await openStore(t), NAMES);
  const world = new World({ auditors: AUDITORS, seed: 4, notary: mesh });
  const [requester, honest, cheat] = NAMES.map((name) => world.party(name));
  await world.pass(3);
  for (let i = 0; i < 6; i++) {
    world.work(requester!, honest!, { evidence: drawEvidence(world.random) });
    const evidence = drawEvidence(world.random, CHEAT_MARGINS, CHEAT_B1);
    world.work(requester!, cheat!, { evidence, finding: 'trigger' });
    if (i % 3 === 2) await world.cut();
  }
  await world.pass(16);
  const logs = await mesh.logs(world);
  const me = requester!.hex;
  const witnessed = logs.filter(({ key }) =>
    world.witnesses.some(({ cores }) => {
      return toHex(cores.attestations) === toHex(key);
    })
  );

  /** @param told logs whose entries are told, one after the other */
  async function retold(
    told: readonly EvidenceLog[],
    held: readonly EvidenceLog[],
    file = mesh.file,
  ) {
    const retelling = new AuditRetelling({
      networks: [{ id: mesh.network, file, keyFolder: '/nowhere' }],
      me,
      async *read(core, { start, end }) {
        const log = held.find(({ key }) => toHex(key) === toHex(core));
        if (log === undefined) throw new Error('no such log');
        for (let index = start; index < Math.min(end, log.blocks.length); index++) {
          yield { index, value: log.blocks[index]! };
        }
      },
    });
    const events: WatchEvent[] = [];
    let at = 0;
    for (const { key, blocks } of told) {
      for (const [index, value] of blocks.entries()) {
        const entry = { core: toHex(key), index, value, record: decodeRecord(value) };
        for await (const event of retelling.take(entry, 'attestations', at)) events.push(event);
        at += 10;
      }
    }
    events.push(...retelling.end(at));
    return events;
  }

  const rowsIn = (events: readonly WatchEvent[]) =>
    events.filter(({ event }) => event === 'trust').map((event) =>
      (event as { trust: TrustRows }).trust
    );
  const whole = trustRows(world.fold.view(), me, mesh.file.rules.lifetimeAlpha, null);

  await t.test('is what everybody folded, whichever log comes first', async (t) => {
    t.equal(whole.cheats.length, 1, 'the mesh has one proven cheat');
    for (const told of [witnessed, witnessed.toReversed()]) {
      const events = await retold(told, logs);
      t.strictSame(rowsIn(events).at(-1), whole);
      t.match(events.find(({ event }) => event === 'cheat-proven'), { executor: cheat!.hex });
      t.ok(events.some(({ event }) => event === 'audit-verdict'));
      t.ok(events.every(({ at }, i) => i === 0 || at >= events[i - 1]!.at));
    }
  });

  await t.test('is seen in the trust pane', async (t) => {
    const state = emptyState(0, 'recorded');
    for (const event of await retold(witnessed, logs)) step(state, event);
    const text = snapshotText({ state, now: 0 }, 120).join('\n');
    t.match(text, new RegExp(`TRUST\nKEY.*\n${cheat!.hex.slice(0, 8)} .*! CHEAT +█+ `));
    t.match(text, new RegExp(`${honest!.hex.slice(0, 8)} .* ok `));
    t.equal(state.counts.skipped, 0);
  });

  await t.test('with what they mean for money, where the network has any', async (t) => {
    const rules = { ...defaultLedgerRules(), grant: 5_000_000 };
    const ledger = { rules, genesis: [], coefficients: [] };
    const events = await retold(witnessed, logs, { ...mesh.file, ledger });
    const rows = events.filter(({ event }) => event === 'ledger').map((event) =>
      (event as unknown as { ledger: LedgerRows }).ledger
    );
    const last = rows.at(-1)!;
    t.equal(last.epoch, whole.epoch);
    t.equal(last.own!.key, me);
    t.equal(last.totals.grants, last.accountCount * rules.grant, 'one for everybody');
    t.ok(last.accounts.some(({ key }) => key === cheat!.hex));
    // Nothing has a price, so that no money is held for anything, and nothing is to be audited.
    t.ok(last.findings.some(({ code }) => code === 'verdict-unknown'));
    const state = emptyState(0, 'recorded');
    for (const event of events) step(state, event);
    t.equal(state.counts.skipped, 0);
    const text = snapshotText({ state, now: 0 }, 120).join('\n');
    t.match(text, /\nLEDGER\nKEY(.|\n)*\nhave +5 NCU available/);
  });

  await t.test('ends, and says so, where an entry is not there', async (t) => {
    const some = logs.filter(({ key }) => toHex(key) !== toHex(cheat!.cores.artifacts));
    const rows = rowsIn(await retold(witnessed, some)).at(-1);
    t.match(rows, { cheats: [], note: /^cut \d+: not all that it covers is in these logs$/ });
  });

  await t.test('is nothing without a quorum of witnesses, or their network', async (t) => {
    t.strictSame(await retold(witnessed.slice(0, 1), logs), []);
    t.strictSame(await retold(witnessed, logs, { ...mesh.file, witnesses: [] }), []);
  });
});
