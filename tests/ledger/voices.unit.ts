import t from 'tap';
import type { LogRecord } from '../../feeds/records/mod.ts';
import { bytes32, NETWORK } from '../trust/world.ts';
import { Economy } from './economy.ts';

/** An economy in which fees have been burned while no witness did anything. */
async function unpaid(): Promise<Economy> {
  const world = new Economy({ ledger: { feeShare: 100_000 } });
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  for (let i = 0; i < 3; i++) world.deal(requester, executor);
  await world.pass(3);
  for (let i = 0; i < 12; i++) await world.cut({ reveals: () => false });
  return world;
}

/** Whom the next cut pays for a witness's work. */
async function paid(world: Economy): Promise<string[]> {
  const before = world.told.length;
  await world.cut({ reveals: () => false });
  return world.told.slice(before)
    .flatMap((event) => event.type === 'reward' && event.role === 'witness' ? [event.account] : []);
}

const rootOf = (epoch: number, root: Uint8Array): LogRecord => ({
  type: 'ledgerRoot',
  network: NETWORK,
  epoch,
  root,
  accounts: null,
  receipts: null,
});

t.test('only words and shares that count for something are a witness’s work', async (t) => {
  const world = await unpaid();
  t.same(await paid(world), [], 'who says nothing has nothing');
  const [, wrong, right] = world.witnesses.map(({ hex }) => hex);
  const say = (i: number, record: LogRecord) =>
    world.append(world.witnesses[i]!, 'attestations', record);
  const any = bytes32('anything');
  say(0, rootOf(4_000_000, any));
  say(0, rootOf(world.epoch + 1, any));
  for (const epoch of [world.epoch, world.epoch - 5]) {
    say(0, { type: 'beaconReveal', network: NETWORK, epoch, value: any });
  }
  t.same(await paid(world), [], 'epochs that are not, and shares that are none');
  say(0, rootOf(4_000_000, any));
  say(1, rootOf(world.epoch, any));
  say(2, rootOf(world.epoch, world.ledger.root));
  t.same(await paid(world), [wrong, right].sort());
});

t.test('a share of a beacon that counts is paid for', async (t) => {
  const world = await unpaid();
  await world.cut({ reveals: (i) => i === 1 });
  t.same(await paid(world), [world.witnesses[1]!.hex]);
});
