import type { Feeds } from '../../feeds/client/mod.ts';
import type { Network } from '../network/mod.ts';
import type { Finished } from './runner.ts';

export class ReceiptDesk {
  constructor(_options: { feeds: Promise<Feeds>; folder: string; network: Network }) {}
  keep(_finished: Finished): Promise<string | null> {
    return Promise.resolve(null);
  }
}
