import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { FingerprintFold } from '../../feeds/fingerprints/mod.ts';
import type { FingerprintRecord } from '../../feeds/records/mod.ts';
import { PROFILE } from '../trust/world.ts';
import { Machines, spread, TRUTH } from './machines.ts';

const profile = toHex(PROFILE);

/** Three challengers: one measures honestly, one says what is given, one is silent. */
function world(says: (honest: FingerprintRecord) => FingerprintRecord, claimed = TRUTH.decode) {
  const world = new Machines({ auditors: 3 });
  const executor = world.executor('executor', { decode: claimed });
  world.says.set(world.auditors[1]!.hex, says);
  world.says.set(world.auditors[2]!.hex, () => null);
  return { world, executor };
}

t.test('of two that do not agree neither decides', async (t) => {
  for (const rate of [1, TRUTH.decode / 3, 3 * TRUTH.decode, 10 ** 9]) {
    const { world: of, executor } = world((honest) => ({ ...honest, decode: spread(rate) }));
    await of.pass(8);
    t.equal(of.prints.attested(executor.hex, profile), null, `${rate}`);
    const [none] = of.said('unattested');
    t.equal(none!.reason, 'disagreed');
    t.equal(none!.missed.length, 1);
  }
});

t.test('of two that a varying pace holds apart what lies between them counts', async (t) => {
  // From 105,000 to 115,000, where the other one ends at 94,500.
  const near = { median: 110_000, mad: 1_000, low: 105_000, high: 115_000 };
  const { world: of, executor } = world((honest) => ({ ...honest, decode: near }), 130_000);
  await of.pass(8);
  const { decode, decodeRate, contradicted } = of.prints.attested(executor.hex, profile)!;
  t.match(decode, { low: 94_500, high: 105_000 });
  t.equal(decodeRate, 94_500, 'the nearest to what the lower one found');
  t.same(contradicted, [], 'neither of them nor both say so');
  const { world: boast } = world((honest) => ({ ...honest, decode: near }), 3 * TRUTH.decode);
  await boast.pass(8);
  t.equal(boast.said('claim-contradicted').length, 1, 'far above both it is');
});

t.test('of two only what both found counts, however wide one of them says', async (t) => {
  const wide = (median: number) => ({ median, mad: 0, low: 1, high: 10 ** 9 });
  for (const rate of [1, 10 ** 9]) {
    const { world: of, executor } = world((honest) => ({ ...honest, decode: wide(rate) }));
    await of.pass(8);
    const { decode, decodeRate, by } = of.prints.attested(executor.hex, profile)!;
    t.equal(by.length, 2);
    t.match(decode, { low: 85_500, high: 94_500 });
    t.ok(decodeRate >= 85_500 && decodeRate <= TRUTH.decode, `${decodeRate}`);
  }
});

t.test('of two each has to contradict a claim on its own', async (t) => {
  // Meets the honest interval at its lower end, so that the claim lies far above what both found.
  const low = { median: 60_000, mad: 0, low: 50_000, high: 86_000 };
  const { world: of, executor } = world((honest) => ({ ...honest, decode: low }), 115_000);
  await of.pass(8);
  t.same(of.prints.attested(executor.hex, profile)!.contradicted, []);
  t.same(of.said('claim-contradicted'), []);
  const { world: liar } = world((honest) => honest, 2 * TRUTH.decode);
  await liar.pass(8);
  t.equal(liar.said('claim-contradicted').length, 1);
});

t.test('two that disagree contradict what lies far above both', async (t) => {
  const { world: of, executor } = world(
    (honest) => ({ ...honest, decode: spread(TRUTH.decode / 3) }),
    4 * TRUTH.decode,
  );
  await of.pass(8);
  t.equal(of.said('unattested')[0]!.reason, 'disagreed');
  t.equal(of.prints.attested(executor.hex, profile), null);
  const [found] = of.said('claim-contradicted');
  t.match(found!.figures, [{
    figure: 'decode',
    claimed: 4 * TRUTH.decode,
    low: 28_500,
    high: 94_500,
  }]);
  const refuted = of.prints.refuted(executor.hex, profile)!;
  t.same(refuted.figures, found!.figures, 'which is kept');
  const again = FingerprintFold.restore(of.printOptions, of.prints.state());
  t.same(again.refuted(executor.hex, profile), refuted);
  t.same(of.prints.view().rows[0]!.refuted, refuted);
  of.claim(executor);
  for (const { hex } of of.auditors) of.says.set(hex, () => null);
  await of.pass(refuted.until - of.prints.epoch!);
  t.same(of.prints.refuted(executor.hex, profile), refuted, 'until it is out of date');
  await of.pass(1);
  t.equal(of.prints.refuted(executor.hex, profile), null);
  const { world: honest, executor: fair } = world(
    (print) => ({ ...print, decode: spread(TRUTH.decode / 3) }),
  );
  await honest.pass(8);
  t.equal(honest.prints.refuted(fair.hex, profile), null);
  t.same(honest.said('claim-contradicted'), [], 'one of them alone says nothing against the truth');
});
