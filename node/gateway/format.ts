import type { AnswerEnd } from './answer.ts';

type Json = Record<string, unknown>;

/** What all parts of one response share. */
export interface Head {
  id: string;
  /** Seconds since 1970. */
  created: number;
  model: string;
  /** Names the profile: the same one gives the same text for the same seed and class. */
  fingerprint: string;
  includeUsage: boolean;
}

/** Tokens of a response. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** How an endpoint writes its answers: chat or legacy completions. */
export interface Format {
  /** Prefix of the response's id. */
  prefix: string;
  /** What comes before the first text of an answer; null: nothing. */
  opening(head: Head, index: number): Json | null;
  text(head: Head, index: number, text: string): Json;
  ending(head: Head, index: number, end: AnswerEnd): Json;
  /** Tokens of the whole, after all answers. */
  usage(head: Head, usage: Usage): Json;
  /** The response that is not streamed. */
  whole(head: Head, ends: readonly AnswerEnd[], usage: Usage): Json;
}

export const CHAT: Format = {
  prefix: 'chatcmpl-',
  opening: (head, index) => chatChunk(head, index, { role: 'assistant', content: '' }),
  text: (head, index, content) => chatChunk(head, index, { content }),
  ending: (head, index, end) => ({
    ...chatChunk(head, index, {}, end.finish),
    nexus: nexusOf(end),
  }),
  usage: (head, usage) => ({ ...base(head, 'chat.completion.chunk'), choices: [], usage }),
  whole: (head, ends, usage) => ({
    ...base(head, 'chat.completion'),
    choices: ends.map((end, index) => ({
      index,
      message: { role: 'assistant', content: end.text, refusal: null },
      logprobs: null,
      finish_reason: end.finish,
      ...several(ends, end),
    })),
    usage,
    nexus: nexusOf(ends[0]!),
  }),
};

export const COMPLETION: Format = {
  prefix: 'cmpl-',
  opening: () => null,
  text: (head, index, text) => textChunk(head, index, text, null),
  ending: (head, index, end) => ({
    ...textChunk(head, index, '', end.finish),
    nexus: nexusOf(end),
  }),
  usage: (head, usage) => ({ ...base(head, 'text_completion'), choices: [], usage }),
  whole: (head, ends, usage) => ({
    ...base(head, 'text_completion'),
    choices: ends.map((end, index) => ({
      index,
      text: end.text,
      logprobs: null,
      finish_reason: end.finish,
      ...several(ends, end),
    })),
    usage,
    nexus: nexusOf(ends[0]!),
  }),
};

/** Tokens of several answers; the answers to one prompt read it once. */
export function usageOf(ends: readonly AnswerEnd[], answersEach: number): Usage {
  const prompt = ends.reduce((sum, end, i) => sum + (i % answersEach ? 0 : end.promptTokens), 0);
  const output = ends.reduce((sum, end) => sum + end.outputTokens, 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
  };
}

/** Where an answer comes from and how it can be checked. */
function nexusOf(end: AnswerEnd): Json {
  return {
    job: end.job,
    receipt: end.receipt ? `/v1/receipts/${end.job}` : null,
    executor: end.executor,
    attempts: end.attempts,
    first_token_ms: end.firstTokenMs,
    total_ms: end.totalMs,
    tokens_per_second: end.tokensPerSecond,
    micro_ncu: end.ncu,
    warnings: end.warnings,
  };
}

function several(ends: readonly AnswerEnd[], end: AnswerEnd): Json {
  return ends.length === 1 ? {} : { nexus: nexusOf(end) };
}

function base({ id, created, model, fingerprint }: Head, object: string): Json {
  return { id, object, created, model, system_fingerprint: fingerprint };
}

function chatChunk(
  head: Head,
  index: number,
  delta: Json,
  finish: string | null = null,
): Json {
  return {
    ...base(head, 'chat.completion.chunk'),
    choices: [{ index, delta, logprobs: null, finish_reason: finish }],
    ...(head.includeUsage ? { usage: null } : {}),
  };
}

function textChunk(head: Head, index: number, text: string, finish: string | null): Json {
  return {
    ...base(head, 'text_completion'),
    choices: [{ index, text, logprobs: null, finish_reason: finish }],
    ...(head.includeUsage ? { usage: null } : {}),
  };
}
