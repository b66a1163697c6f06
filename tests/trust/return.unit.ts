import t from 'tap';
import { beaconAnchor, beaconValue, BeaconView, Weights } from '../../feeds/trust/mod.ts';
import { bytes32, NETWORK } from './world.ts';

const FIRST = [{ key: bytes32('seated'), weight: 1 }];
const LONGEST = 65_536, NOW = 70_000, AWAY = 100, LENGTH = 4096;
const SECRET = bytes32('honest'), HONEST = 'ff'.repeat(32);
const hostile = (i: number) => i.toString(16).padStart(64, '0');
const place = (cut: number) => ({ core: 'c', index: 1, cut });
const chain = (anchor: Uint8Array, length: number, from: number) => ({
  type: 'beaconChain' as const,
  network: NETWORK,
  anchor,
  length,
  from,
});
const reveal = (epoch: number, value: Uint8Array) => ({
  type: 'beaconReveal' as const,
  network: NETWORK,
  epoch,
  value,
});
const ownChain = (from: number) => chain(beaconAnchor(SECRET, LENGTH), LENGTH, from);
const junkChain = (from: number) => chain(bytes32('junk'), LONGEST, from);

/** Nobody of whom this is about is a witness. */
function started(): BeaconView {
  return new BeaconView(new Weights(FIRST), () => true);
}

function revealOf(view: BeaconView, epoch: number, from: number): string | null {
  const value = beaconValue(SECRET, LENGTH, epoch - from);
  return view.takeReveal(HONEST, reveal(epoch, value), place(epoch + 1));
}

const junk = (view: BeaconView, i: number, epoch: number) =>
  view.takeReveal(hostile(i), reveal(epoch, bytes32('junk')), place(epoch + 1));

t.test('wrong reveals keep nobody out who comes back, however many chains were prepared', (t) => {
  const view = started(), from = NOW - AWAY;
  view.takeChain(HONEST, ownChain(from), place(from - 1));
  const sizes = [30000, 16000, 9000, 5000, 2500, 1300, 700, 400, 200, 130, 110, 100, 90, 80, 70];
  // Each of them stood in a cut in time, and was kept back until now.
  sizes.forEach((size, i) =>
    view.takeChain(hostile(i), junkChain(NOW - size), place(NOW - size - 1))
  );
  const said: (string | null)[] = [];
  for (let epoch = NOW; epoch < NOW + 4; epoch++) {
    sizes.forEach((_, i) => junk(view, i, epoch));
    // They name new ones at once, of as many steps as there are.
    sizes.forEach((_, i) =>
      view.takeChain(hostile(i), junkChain(epoch - 16_000), place(epoch + 1))
    );
    said.push(revealOf(view, epoch, from));
    view.conclude(epoch, bytes32('cut'));
  }
  t.match(said[0], /too many/, 'what they had waited for is spent');
  t.equal(said[1], null, 'once');
  t.equal(view.presence(HONEST), 3);
  t.end();
});

t.test('a chain that stood late counts at once, or after as long as it was late', (t) => {
  const late = 300, from = NOW - late;
  const calm = started();
  t.equal(calm.takeChain(HONEST, ownChain(from), place(NOW)), null);
  t.equal(revealOf(calm, NOW + 1, from), null);

  const view = started();
  view.takeChain(HONEST, ownChain(from), place(NOW));
  for (const i of [1, 2]) view.takeChain(hostile(i), junkChain(NOW - 16_100), place(NOW));
  let back: number | null = null;
  for (let epoch = NOW + 1; back === null && epoch < NOW + 2 * late; epoch++) {
    for (const i of [1, 2]) {
      junk(view, i, epoch);
      view.takeChain(hostile(i), junkChain(epoch - 16_100), place(epoch + 1));
    }
    if (revealOf(view, epoch, from) === null) back = epoch;
    view.conclude(epoch, bytes32('cut'));
  }
  t.equal(back, NOW + late + 1);
  t.end();
});
