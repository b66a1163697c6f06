/**
 * What a proof of sampling shows, in plain words.
 * @param positions of the whole answer
 * @param insecure anybody can forge proofs under its key
 */
export function sampleSentence(positions: readonly number[], insecure: boolean): string {
  const sorted = [...positions].sort((a, b) => a - b).join(', ');
  const under = insecure
    ? 'under a key that no ceremony is known to have made: INSECURE, anybody can forge one'
    : 'under the key of the network’s ceremony';
  return `The tokens at positions ${sorted} of the answer are what sampler version 1 draws with its ` +
    `seed from the logits that the executor committed to and keeps hidden (zero-knowledge proof ${under}). ` +
    'It does not show that the model gave these logits.';
}
