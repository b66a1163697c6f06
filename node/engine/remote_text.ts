import { StopFilter } from './stops.ts';
import { TextAssembler } from './text.ts';
import type { TextStream } from './types.ts';

/**
 * Text of output ids where the tokenizer is elsewhere. Pushes are worked off in order.
 * @param detokenize texts of lists of ids
 */
export function remoteTextStream(
  detokenize: (lists: number[][]) => Promise<string[]>,
  stops: readonly string[],
): TextStream {
  const text = new TextAssembler();
  const filter = new StopFilter(stops);
  let last: Promise<unknown> = Promise.resolve();
  const inOrder = (work: () => Promise<string>): Promise<string> => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
  return {
    push: (ids) =>
      inOrder(async () => {
        if (ids.length === 0 || filter.stopped) return '';
        const query = text.push(ids);
        const [before, all] = await detokenize([[...query.before], [...query.all]])
          .catch((thrown) => {
            text.drop(ids.length);
            throw thrown;
          });
        return filter.push(text.take(before!, all!));
      }),
    end: () => inOrder(() => Promise.resolve(filter.push(text.end()) + filter.end())),
  };
}
