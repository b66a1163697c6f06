import type { FinishReason } from '../../feeds/records/mod.ts';
import { createSampler, quantiseLogits, type Sampler } from '../sampler/mod.ts';
import type { TopLogits, Vocabulary } from './backend.ts';
import { StopFilter } from './stops.ts';
import { TextAssembler } from './text.ts';
import type { GeneratedToken, GenerateRequest } from './types.ts';

/**
 * One answer being decoded: which token comes next, its text, and when the answer is over. Pure: it
 * knows neither sessions nor time.
 */
export class Generation {
  /** Prompt and output so far, hence what a session must hold before the next draw. */
  readonly tokens: number[];
  /** Why the answer is over; null while it is not. */
  finish: FinishReason | null = null;
  readonly #sampler: Sampler;
  readonly #text: TextAssembler;
  readonly #stops: StopFilter;
  readonly #request: GenerateRequest;
  readonly #vocabulary: Vocabulary;
  readonly #maxTotal: number;

  constructor(request: GenerateRequest, vocabulary: Vocabulary, contextSize: number) {
    this.#request = request;
    this.#vocabulary = vocabulary;
    this.#sampler = createSampler(request.seed);
    this.#text = new TextAssembler(vocabulary.contextual);
    this.#stops = new StopFilter(request.stops);
    this.#maxTotal = Math.min(contextSize, request.prompt.length + request.sampling.maxTokens);
    this.tokens = [...request.prompt, ...request.prefix];
    this.#replayPrefix();
  }

  /** Output tokens so far, the forced ones included. */
  get outputs(): number {
    return this.tokens.length - this.#request.prompt.length;
  }

  /** Draws the next token from the logits of the last row. */
  accept(top: TopLogits): GeneratedToken {
    const position = this.outputs;
    const { tq, pq } = this.#request.sampling;
    const z = quantiseLogits(top.logits);
    const id = this.#sampler.draw({ ids: top.ids, z, position, tq, pq });
    this.tokens.push(id);
    const text = this.#show(id);
    this.#settle(id);
    const token = { id, position, text, logit: top.logits[top.ids.indexOf(id)]! };
    if (this.#request.candidates !== true) return token;
    return { ...token, candidates: { ids: [...top.ids], z: [...z] } };
  }

  /** Text held back until the end. Ends the answer as `finish` unless it is over already. */
  end(finish: FinishReason): string {
    this.finish ??= finish;
    if (this.#stops.stopped) return '';
    const text = this.#stops.push(this.#text.end());
    if (this.#stops.stopped && this.finish !== 'cancelled') this.finish = 'stop';
    return text + this.#stops.end();
  }

  #replayPrefix(): void {
    for (const id of this.#request.prefix) this.#show(id);
    this.#settle(this.#request.prefix.at(-1));
  }

  #show(id: number): string {
    if (this.#vocabulary.isEnd(id)) return '';
    const { before, all } = this.#text.push([id]);
    const text = this.#text.take(
      this.#vocabulary.detokenize(before),
      this.#vocabulary.detokenize(all),
    );
    return this.#stops.push(text);
  }

  #settle(last: number | undefined): void {
    if (last !== undefined && this.#vocabulary.isEnd(last)) this.finish = 'end';
    else if (this.#stops.stopped) this.finish = 'stop';
    else if (this.tokens.length >= this.#maxTotal) this.finish = 'length';
  }
}
