/** Prints whether a vocabulary file tokenises like the whole model does. */
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

const [weights = '', vocabulary = ''] = Deno.args;
const llama = await getLlama({
  gpu: false,
  build: 'never',
  skipDownload: true,
  logLevel: LlamaLogLevel.disabled,
});
const texts = [
  'It is a truth universally acknowledged, that a single man',
  'Why is the sky blue? äöü 漢字 🦄 \n\n\t x  12345 <|im_start|>user',
  '',
  '\u0000\u{1F468}\u200D\u{1F469}\uFFFD',
];
const results = [];
for (const modelPath of [weights, vocabulary]) {
  const whole = modelPath === weights;
  const model = await llama.loadModel({ modelPath, vocabOnly: !whole });
  results.push({
    plain: texts.map((text) => model.tokenize(text)),
    special: texts.map((text) => model.tokenize(text, true)),
    back: texts.map((text) => model.detokenize(model.tokenize(text))),
    end: model.tokens.eos,
    template: model.fileInfo.metadata.tokenizer.chat_template,
  });
  await model.dispose();
}
console.log(JSON.stringify(results));
