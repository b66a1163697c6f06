import t from 'tap';
import { plainCopy, toHex } from '../../feeds/base/mod.ts';
import { type LedgerEvent, NetworkFold } from '../../feeds/ledger/mod.ts';
import type { PrintEvent } from '../../feeds/fingerprints/mod.ts';
import { EXECUTOR_CLASS, NETWORK, type Party, PROFILE } from '../trust/world.ts';
import { PRINT_RULES, printOf, TRUTH } from '../fingerprints/machines.ts';
import type { LedgerRules } from '../../feeds/ledger/mod.ts';
import { Economy, imbalance, LEDGER, NCU, OUTPUT } from './economy.ts';

/**
 * An economy in which an honest executor and one that claims twice its speed do the same work.
 * @param bonded which of them have a bond
 */
async function live(
  ledger: Partial<LedgerRules>,
  bonded: readonly number[] = [],
  bond = 20 * NCU,
) {
  const world = new Economy({ ledger: { reputationHalf: 10, ...ledger } });
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
    if (i === 0) bonded.forEach((which) => world.bond(executors[which]!, bond));
    if (i % 5 === 4) fold = NetworkFold.restore(options, plainCopy(fold.state()));
    for (const auditor of world.auditors) {
      for (const duty of fold.prints!.owedBy(auditor.hex)) {
        if (duty.beacon !== world.epoch - 1) continue;
        const executor = executors.find(({ hex }) => hex === duty.executor)!;
        const jobs = Array.from(
          { length: PRINT_RULES.printRuns },
          () => world.deal(auditor, executor, { tokens: 4 }).job,
        );
        const print = { ...printOf(duty, TRUTH), network: NETWORK, jobs };
        world.append(auditor, 'attestations', print);
      }
    }
  }
  return { world, fold, told, prints, honest: executors[0], boaster: executors[1] };
}

t.test('claim-contradicted: a false claim of speed costs reputation, and no money', async (t) => {
  const { fold, told, prints, honest, boaster } = await live({ claimCost: 4 });
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
  const paid = told.flatMap((event) => event.type === 'payment' ? [event.payment] : [])
    .filter(({ executor }) => executor === boaster.hex).reduce((sum, { net }) => sum + net, 0);
  t.equal(bad.earned, paid, 'what it did is paid as before');
  t.equal(bad.violations, 0);
  t.notOk(told.some(({ type }) => type === 'slash'));
});

t.test('where the rule is off it is only told', async (t) => {
  const { fold, told, honest, boaster } = await live({ claimCost: 0 });
  t.ok(
    told.some((event) => event.type === 'finding' && event.finding.code === 'claim-contradicted'),
  );
  const { ledger } = fold;
  t.equal(ledger!.account(boaster.hex)!.verified, ledger!.account(honest.hex)!.verified);
});

t.test('who measures is paid back out of burned fees, and never more than that', async (t) => {
  const probeTokens = 200, each = probeTokens * OUTPUT;
  const { fold, told, prints, honest } = await live({ probeTokens }, [0]);
  const rewards = told.flatMap((event) =>
    event.type === 'reward' && event.role === 'challenger' ? [event] : []
  );
  t.ok(rewards.length > 0);
  const met = prints.flatMap((event) =>
    event.type === 'print-duty' && event.duty.state === 'attested' ? [event.duty] : []
  );
  const challengers = new Set(
    met.filter(({ executor }) => executor === honest.hex).map(({ challenger }) => challenger),
  );
  for (const { account } of rewards) t.ok(challengers.has(account), 'for who has a bond');
  const given = rewards.reduce((sum, { amount }) => sum + amount, 0);
  const most = met.filter(({ executor }) => executor === honest.hex).length * each;
  t.ok(given > 0 && given <= most, `${given} of ${most}`);
  const { epoch, totals } = fold.ledger!.view();
  const burned = told.flatMap((event) => event.type === 'payment' ? [event.payment] : [])
    .filter(({ executor, free }) => executor === honest.hex && free <= epoch!)
    .reduce((sum, { fee }) => sum + fee, 0);
  const half = burned * LEDGER.rewardAuditors / 2_000_000;
  t.ok(given <= half, `${given} of ${half}: challenges made up with an executor cost it more`);
  t.ok(totals.emission <= totals.burned);
  t.equal(imbalance(totals), 0n);
  const auditors = told.flatMap((event) =>
    event.type === 'reward' && event.role === 'auditor' ? [event.amount] : []
  );
  t.ok(given <= auditors.reduce((sum, one) => sum + one, 0), 'audits have their half at least');
});

t.test('keys cost nothing: for executors without a bond nobody is paid back', async (t) => {
  const { told } = await live({ probeTokens: 200 });
  t.notOk(told.some((event) => event.type === 'reward' && event.role === 'challenger'));
});

t.test('nor for executors with a bond of less than a whole NCU', async (t) => {
  for (const bond of [1, NCU - 1]) {
    const { fold, told, honest, boaster } = await live({ probeTokens: 200 }, [0, 1], bond);
    for (const { hex } of [honest, boaster]) t.equal(fold.ledger!.account(hex)!.bonded, bond);
    t.notOk(told.some((event) => event.type === 'reward' && event.role === 'challenger'));
    const { totals } = fold.ledger!.view();
    t.ok(totals.emission > 0 && totals.emission <= totals.burned);
    t.equal(imbalance(totals), 0n);
  }
});
