import t from 'tap';
import { taggedHash, toHex } from '../../feeds/base/mod.ts';
import {
  beaconAnchor,
  beaconStep,
  beaconValue,
  BeaconView,
  Weights,
} from '../../feeds/trust/mod.ts';
import { bytes32, NETWORK } from './world.ts';

const keys = [bytes32('a'), bytes32('b'), bytes32('c')].sort((a, b) =>
  toHex(a) < toHex(b) ? -1 : 1
);
const witnesses = keys.map((key) => ({ key, weight: 1 }));
const [A, B, C] = keys.map(toHex) as [string, string, string];
const place = (cut: number) => ({ core: 'c', index: 1, cut });
const chainOf = (secret: Uint8Array, length: number, from: number) => ({
  type: 'beaconChain' as const,
  network: NETWORK,
  anchor: beaconAnchor(secret, length),
  length,
  from,
});
const reveal = (epoch: number, value: Uint8Array) => ({
  type: 'beaconReveal' as const,
  network: NETWORK,
  epoch,
  value,
});
const SECRETS = [bytes32('s'), bytes32('t'), bytes32('u')];

function started(): BeaconView {
  const view = new BeaconView(new Weights(witnesses));
  keys.forEach((key, i) => view.takeChain(toHex(key), chainOf(SECRETS[i]!, 10, 1), place(0)));
  return view;
}

t.test('a reveal hashes to the anchor in as many steps as epochs have gone', (t) => {
  const secret = bytes32('secret');
  for (const i of [0, 1, 4]) {
    let value = beaconValue(secret, 5, i);
    for (let step = 0; step <= i; step++) value = beaconStep(value);
    t.same(value, beaconAnchor(secret, 5));
  }
  t.end();
});

t.test('the beacon is a hash of the cut and of all reveals, in the order of keys', (t) => {
  const view = started(), cut = bytes32('cut');
  const shares = SECRETS.map((secret) => beaconValue(secret, 10, 2));
  for (const i of [2, 0, 1]) {
    t.equal(view.takeReveal([A, B, C][i]!, reveal(3, shares[i]!), place(4)), null);
  }
  const { value, missed } = view.conclude(3, cut);
  t.same(value, taggedHash('nexus/beacon/1', cut, ...shares));
  t.same(missed, []);
  t.end();
});

t.test('two thirds of the weight are not more than two thirds', (t) => {
  const view = started();
  for (const [i, who] of [A, B].entries()) {
    view.takeReveal(who, reveal(1, beaconValue(SECRETS[i]!, 10, 0)), place(2));
  }
  t.match(view.conclude(1, bytes32('cut')), { value: null, missed: [C] });
  t.end();
});

t.test('what is not of the chain, of another epoch or said twice does not count', (t) => {
  const view = started(), [secret] = SECRETS as [Uint8Array];
  t.ok(view.takeReveal(A, reveal(2, beaconValue(secret, 10, 2)), place(3)), 'a later value');
  view.conclude(1, bytes32('cut'));
  t.match(view.takeReveal(A, reveal(2, bytes32('any')), place(3)), /chain/);
  t.match(view.takeReveal(A, reveal(2, beaconValue(secret, 10, 1)), place(3)), /no chain/);
  t.equal(view.takeChain(A, chainOf(secret, 10, 1), place(3)), null, 'it names one again');
  t.ok(view.takeReveal(A, reveal(2, beaconValue(secret, 10, 1)), place(3)), 'of later epochs');
  view.conclude(2, bytes32('cut'));
  t.ok(view.takeReveal(A, reveal(2, beaconValue(secret, 10, 1)), place(4)), 'too late');
  t.ok(view.takeReveal(toHex(bytes32('x')), reveal(2, secret), place(3)), 'no witness');
  t.equal(view.takeReveal(A, reveal(4, beaconValue(secret, 10, 3)), place(5)), null);
  t.ok(view.takeReveal(A, reveal(4, beaconValue(secret, 10, 3)), place(5)), 'twice');
  t.ok(view.takeReveal(A, reveal(11, secret), place(12)), 'beyond the chain');
  t.end();
});

t.test('a chain is never replaced, and begins after the cut in which it stands', (t) => {
  const view = started(), other = bytes32('other');
  t.ok(view.takeChain(A, chainOf(other, 10, 1), place(3)), 'all of it is covered');
  t.equal(view.takeChain(A, chainOf(other, 20, 1), place(3)), null, 'its end is not');
  const early = started();
  early.takeChain(A, chainOf(other, 20, 1), place(3));
  t.ok(early.takeReveal(A, reveal(5, beaconValue(other, 20, 4)), place(6)), 'the first one counts');
  t.equal(view.takeReveal(A, reveal(5, beaconValue(SECRETS[0]!, 10, 4)), place(6)), null);
  view.conclude(5, bytes32('cut'));
  t.equal(view.takeReveal(A, reveal(11, beaconValue(other, 20, 10)), place(12)), null, 'then it');
  const late = new BeaconView(new Weights(witnesses));
  late.takeChain(A, chainOf(other, 10, 1), place(4));
  t.ok(late.takeReveal(A, reveal(4, beaconValue(other, 10, 3)), place(5)), 'not for its own cut');
  t.equal(late.takeReveal(A, reveal(5, beaconValue(other, 10, 4)), place(6)), null);
  t.end();
});
