import t from 'tap';
import { plainCopy, toHex } from '../../feeds/base/mod.ts';
import { type LedgerEvent, NetworkFold } from '../../feeds/ledger/mod.ts';
import type { PrintEvent } from '../../feeds/fingerprints/mod.ts';
import { EXECUTOR_CLASS, NETWORK, type Party, PROFILE } from '../trust/world.ts';
import { PRINT_RULES, printOf, TRUTH } from '../fingerprints/machines.ts';
import { Economy, OUTPUT } from './economy.ts';

/** An economy in which an honest executor and one that claims twice its speed do the same work. */
async function live(claimCost: number) {
  const world = new Economy({ ledger: { claimCost, reputationHalf: 10 } });
  const requester = world.party('requester');
  const offering = { profile: PROFILE, name: 'model', price: OUTPUT, class: EXECUTOR_CLASS };
  const executors = ['honest', 'boaster'].map((name) => {
    const party = world.party(name), factor = name === 'boaster' ? 2 : 1;
    world.append(party, 'artifacts', {
      type: 'capability',
      offerings: [offering],
      slots: 4,
      maxTokens: 4096,
      hardware: '',
      at: 0,
    });
    world.append(party, 'artifacts', {
      type: 'figures',
      network: NETWORK,
      profile: PROFILE,
      class: EXECUTOR_CLASS,
      prefill: TRUTH.prefill,
      decode: factor * TRUTH.decode,
      streams: 4,
      streamRate: TRUTH.streamRate,
      context: TRUTH.context,
      at: 0,
    });
    return party;
  }) as [Party, Party];
  const options = {
    ...world.options,
    terms: world.money.terms,
    audit: world.money.audit,
    prints: PRINT_RULES,
  };
  let fold = new NetworkFold(options);
  const told: LedgerEvent[] = [], prints: PrintEvent[] = [];
  for (let i = 0; i < 16; i++) {
    for (const executor of executors) world.deal(requester, executor);
    await world.cut();
    const { cut, entries } = world.cuts.at(-1)!;
    const events = await fold.takeCut(cut, entries);
    told.push(...events.ledger);
    prints.push(...events.prints);
    if (i % 5 === 4) fold = NetworkFold.restore(options, plainCopy(fold.state()));
    for (const auditor of world.auditors) {
      for (const duty of fold.prints!.owedBy(auditor.hex)) {
        if (duty.beacon !== world.epoch - 1) continue;
        const print = { ...printOf(duty, TRUTH), network: NETWORK };
        world.append(auditor, 'attestations', print);
      }
    }
  }
  return { world, fold, told, prints, honest: executors[0], boaster: executors[1] };
}

t.test('claim-contradicted: a false claim of speed costs reputation, and no money', async (t) => {
  const { fold, told, prints, honest, boaster } = await live(4);
  const contradicted = prints.filter(({ type }) => type === 'claim-contradicted');
  t.ok(contradicted.length >= 2);
  const findings = told.flatMap((event) => event.type === 'finding' ? [event.finding] : [])
    .filter(({ code }) => code === 'claim-contradicted');
  t.equal(findings.length, contradicted.length);
  t.ok(
    findings.every(({ author, place }) =>
      author === boaster.hex && place.core === toHex(boaster.cores.artifacts)
    ),
  );
  t.match(findings[0]!.detail, /^decode 180000 claimed, from \d+ to \d+ measured$/);
  const { ledger } = fold;
  const good = ledger!.account(honest.hex)!, bad = ledger!.account(boaster.hex)!;
  t.ok(good.verified > 0 && bad.verified < good.verified);
  t.ok(bad.reputation < good.reputation);
  t.equal(bad.earned, good.earned, 'what it did was paid as before');
  t.equal(bad.violations, 0);
  t.notOk(told.some(({ type }) => type === 'slash'));
});

t.test('where the rule is off it is only told', async (t) => {
  const { fold, told, honest, boaster } = await live(0);
  t.ok(
    told.some((event) => event.type === 'finding' && event.finding.code === 'claim-contradicted'),
  );
  const { ledger } = fold;
  t.equal(ledger!.account(boaster.hex)!.reputation, ledger!.account(honest.hex)!.reputation);
});
