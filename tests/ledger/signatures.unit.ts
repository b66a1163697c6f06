import t from 'tap';
import { importSigner, toHex } from '../../feeds/base/mod.ts';
import type { Attempt } from '../../feeds/ledger/attempt.ts';
import { Signatures } from '../../feeds/ledger/signatures.ts';
import { digestMessage, verifyEd25519 } from '../../feeds/records/mod.ts';

const fill = (value: number) => new Uint8Array(32).fill(value);
const OFFER = fill(1), OTHER = fill(2), ROOT = fill(3), SHOWN = fill(4);

/** What the ledger concludes where a digest for `offer` is held against an artifact. */
async function judged(offer: Uint8Array, tokens: number): Promise<number> {
  const signer = await importSigner(fill(9));
  const signature = await signer.sign(digestMessage(offer, tokens, SHOWN));
  const attempt = {
    executor: toHex(signer.publicKey),
    digested: 48,
    root: toHex(ROOT),
    offer: toHex(OFFER),
    kind: 'artifact',
    digest: {
      place: { core: toHex(fill(5)), index: 1, cut: 0 },
      tokens,
      digest: toHex(SHOWN),
      signature: toHex(signature),
    },
  } as Attempt;
  const signatures = new Signatures(verifyEd25519);
  signatures.compare(attempt);
  return (await signatures.run()).length;
}

t.test('two answers to one offer are a contradiction', async (t) => {
  t.equal(await judged(OFFER, 48), 1, 'as many tokens, another root');
  t.equal(await judged(OFFER, 64), 1, 'more than the artifact has');
  t.equal(await judged(OFFER, 32), 0, 'what came before says nothing');
});

t.test('whoever offers one attempt in two ways cannot turn the answers on each other', async (t) => {
  t.equal(await judged(OTHER, 48), 0);
  t.equal(await judged(OTHER, 64), 0);
});
