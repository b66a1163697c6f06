import { NexusError } from '../../feeds/base/mod.ts';
import type { Connection } from './connection.ts';
import { pulled } from './pulled.ts';
import { scoredFromWire, scoreToWire } from './score_wire.ts';
import type { ScoredPosition, ScoreEnd, ScoreRequest } from './types.ts';

/** What a scoring ends with that was never begun. */
export const NOT_SCORED: ScoreEnd = {
  finish: 'cancelled',
  positions: 0,
  rows: 0,
  workMs: 0,
  totalMs: 0,
};

/** Reads the scores of one answer from the engine process, at the pace of whoever pulls. */
export function remoteScore(
  connection: Connection,
  request: ScoreRequest,
  signal?: AbortSignal,
): AsyncGenerator<ScoredPosition, ScoreEnd, void> {
  return pulled(
    (sink) => {
      const id = connection.open({ op: 'score', request: scoreToWire(request) }, {
        message: (message) => {
          if ('scored' in message) {
            for (const one of message.scored) sink.next(scoredFromWire(one));
          } else if ('scoreEnd' in message) sink.end(message.scoreEnd);
          else if ('error' in message) sink.fail(NexusError.fromJSON(message.error));
        },
        lost: (error) => sink.fail(error),
      });
      return {
        credit: (taken) => connection.send({ op: 'credit', id, taken }),
        cancel: () => connection.send({ op: 'cancel', id }),
        forget: () => connection.forget(id),
      };
    },
    NOT_SCORED,
    signal,
  );
}
