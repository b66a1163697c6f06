import { NexusError } from '../../feeds/base/mod.ts';
import type { Connection } from './connection.ts';
import { pulled } from './pulled.ts';
import type { GeneratedToken, GenerateEnd, GenerateRequest } from './types.ts';
import { requestToWire } from './wire.ts';

/** What an answer ends with that was never begun. */
export const NOT_BEGUN: GenerateEnd = {
  finish: 'cancelled',
  text: '',
  cached: 0,
  promptMs: 0,
  totalMs: 0,
};

/** Reads one answer from the engine process, at the pace of whoever pulls. */
export function remoteGeneration(
  connection: Connection,
  request: GenerateRequest,
  signal?: AbortSignal,
): AsyncGenerator<GeneratedToken, GenerateEnd, void> {
  return pulled(
    (sink) => {
      const id = connection.open({ op: 'generate', request: requestToWire(request) }, {
        message: (message) => {
          if ('tokens' in message) {
            for (const [id, position, text, logit, candidates] of message.tokens) {
              const token = { id, position, text, logit };
              // Absent is `null` on the wire.
              sink.next(candidates ? { ...token, candidates } : token);
            }
          } else if ('end' in message) {
            sink.end(message.end);
          } else if ('error' in message) {
            sink.fail(NexusError.fromJSON(message.error));
          }
        },
        lost: (error) => sink.fail(error),
      });
      return {
        credit: (taken) => connection.send({ op: 'credit', id, taken }),
        cancel: () => connection.send({ op: 'cancel', id }),
        forget: () => connection.forget(id),
      };
    },
    NOT_BEGUN,
    signal,
  );
}
