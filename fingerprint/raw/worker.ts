/** One thread of a product: Deno's worker. */
import { type Shared, takeChunks } from './cpu.ts';
import type { RawChallenge } from './types.ts';

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<{ challenge: RawChallenge; shared: Shared }>) => void) | null;
  postMessage(message: unknown): void;
};

scope.onmessage = ({ data: { challenge, shared } }) => {
  for (const _ of takeChunks(challenge, shared));
  scope.postMessage('done');
};
