/** What a proof of sampling shows, in plain words. @param positions of the whole answer */
export function sampleSentence(positions: readonly number[]): string {
  const sorted = [...positions].sort((a, b) => a - b).join(', ');
  return `The tokens at positions ${sorted} of the answer are what sampler version 1 draws with its ` +
    'seed from the logits that the executor committed to and keeps hidden (zero-knowledge proof under ' +
    'a development key, under which anybody can forge one). It does not show that the model gave these logits.';
}
