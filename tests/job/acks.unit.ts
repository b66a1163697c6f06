import t from 'tap';
import { Acks } from '../../node/job/acks.ts';
import type { Outbox } from '../../node/job/outbox.ts';

const signer = { sign: () => Promise.resolve(new Uint8Array(64)) };

t.test('an acknowledgement leaves at whatever moment it was asked for', async (t) => {
  for (let turns = 0; turns < 12; turns++) {
    const sent: number[] = [];
    const outbox = {
      send: (message: { tokens: number }) => Promise.resolve(void sent.push(message.tokens)),
    };
    const acks = new Acks(outbox as unknown as Outbox, signer, new Uint8Array(32), 0);
    acks.send(1);
    for (let i = 0; i < turns; i++) await null;
    acks.send(2);
    await acks.flushed();
    if (sent.at(-1) !== 2) t.fail(`not after ${turns} turns`);
  }
  t.pass('at every turn');
});

t.test('a channel that is gone is not tried again', async (t) => {
  let tries = 0;
  const outbox = { send: () => Promise.reject(new Error(`gone ${tries++}`)) };
  const acks = new Acks(outbox as unknown as Outbox, signer, new Uint8Array(32), 0);
  acks.send(1);
  await acks.flushed();
  acks.send(2);
  await acks.flushed();
  t.equal(tries, 1);
});
