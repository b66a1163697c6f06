import t from 'tap';
// @ts-ignore: it carries no types
import SecretStream from '@hyperswarm/secret-stream';
import { type IdentityRecord, importSigner, signRecord } from '../../feeds/records/mod.ts';
import { type Control, decodeControl, encodeControl } from '../../feeds/service/control.ts';
import { encodeHello, type Hello } from '../../feeds/service/control.ts';
import { keysOf, unsignedIdentity } from '../../feeds/service/keys.ts';
import { type Connection, Protomux, rawBytes } from '../../feeds/service/native.ts';
import { Session, type SessionHost } from '../../feeds/service/session.ts';

const seed = (n: number) => new Uint8Array(32).fill(n);

async function helloOf(n: number): Promise<Hello> {
  const cores = { jobs: seed(3), artifacts: seed(4), attestations: seed(5) };
  const { sign } = await importSigner(seed(n));
  const unsigned = unsignedIdentity(keysOf(seed(n)), seed(n), cores);
  const identity = await signRecord<IdentityRecord>(unsigned, sign);
  return { version: 1, network: seed(9), identity, membership: null };
}

/** A session of ours, and a peer that says on its control channel what it likes. */
async function attacked() {
  const open = (initiator: boolean, n: number): Connection => {
    const { publicKey, secretKey } = keysOf(seed(n)).identity;
    const keyPair = { publicKey: Buffer.from(publicKey), secretKey: Buffer.from(secretKey) };
    return new SecretStream(initiator, null, { keyPair }) as unknown as Connection;
  };
  const [ours, theirs] = [open(false, 1), open(true, 2)];
  // deno-lint-ignore no-explicit-any -- streams of untyped packages
  const [a, b] = [ours.rawStream as any, theirs.rawStream as any];
  a.pipe(b).pipe(a);
  await Promise.all(
    [ours, theirs].map((end) => (end as unknown as { opened: Promise<void> }).opened),
  );
  const [hello, theirHello] = await Promise.all([helloOf(1), helloOf(2)]);
  const counts = { refused: 0 };
  let pong = (_n: number): void => {};
  const host: SessionHost = {
    hello: () => hello,
    decide: () => ({ admit: 'guest', code: 'NOT_A_MEMBER', detail: '' }),
    changed: () => {},
    refused: (_session, _verdict, byUs) => void (counts.refused += byUs ? 0 : 1),
    message: () => {},
    rtt: () => {},
    ended: () => {},
  };
  const said: Control[] = [];
  const control = Protomux.from(theirs).createChannel({
    protocol: 'nexus/peer/1',
    handshake: rawBytes,
    messages: [{
      encoding: rawBytes,
      onmessage: (bytes) => {
        const message = decodeControl(new Uint8Array(bytes));
        said.push(message);
        if (message.type === 'pong') pong(message.n);
      },
    }],
    onopen: () => {},
    onclose: () => {},
  })!;
  control.open(Buffer.from(encodeHello(theirHello)));
  const session = new Session(ours, host);
  const send = (message: Control) =>
    void control.messages[0]!.send(Buffer.from(encodeControl(message)));
  /** Resolves when all that was sent before has been heard. */
  const heard = async () => {
    const answered = new Promise<void>((resolve) => pong = (n) => n === 1_000_000 && resolve());
    const asking = setInterval(() => send({ type: 'ping', n: 1_000_000 }), 20);
    await answered;
    clearInterval(asking);
  };
  const end = () => {
    session.cut('the test is over');
    theirs.destroy();
  };
  return { said, counts, send, heard, end };
}

t.test('a peer that asks and never reads does not fill our memory with answers', async (t) => {
  const { said, send, heard, end } = await attacked();
  for (let n = 0; n < 2000; n++) send({ type: 'ping', n });
  await heard();
  t.ok(said.filter(({ type }) => type === 'pong').length < 50);
  end();
});

t.test('a peer that changes its mind for ever is told of once', async (t) => {
  const { counts, send, heard, end } = await attacked();
  const guest = { admit: 'guest', code: 'NOT_A_MEMBER', detail: '' } as const;
  for (let n = 0; n < 500; n++) send({ type: 'verdict', verdict: guest });
  await heard();
  t.equal(counts.refused, 1);
  end();
});
