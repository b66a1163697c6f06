import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import { WIRE_LIMITS } from './bodies.ts';
import { offeredJob } from './check.ts';
import { type Clock, within } from './clock.ts';
import type { Offer } from './offer.ts';
import type { JobRules } from './rules.ts';
import { decodeMessage, JOB_VERSION } from './wire.ts';

/** Where channels wait for their offer: bounded in time, and in number for each peer. */
export class Reception {
  readonly #clock: Clock;
  readonly #rules: JobRules;
  readonly #open = new Map<string, number>();

  constructor(clock: Clock, rules: JobRules) {
    this.#clock = clock;
    this.#rules = rules;
  }

  /**
   * Reads the offer that opens every job.
   * @param maxIds tokens of prompt and prefix: what no model here takes is not even received
   * @throws {NexusError} `BAD_VERSION`, `FULL`, `NO_OFFER`, `TOO_LONG`, `BAD_OFFER`, `BAD_MESSAGE`
   */
  async offer(
    channel: Channel,
    incoming: AsyncIterator<Uint8Array>,
    maxIds: number = WIRE_LIMITS.offerIds,
  ): Promise<Offer> {
    if (channel.handshake.length !== 1 || channel.handshake[0] !== JOB_VERSION) {
      throw no('BAD_VERSION', `this node speaks version ${JOB_VERSION}: update the older one`);
    }
    const peer = toHex(channel.peer);
    const open = this.#open.get(peer) ?? 0;
    if (open >= this.#rules.queuePerPeer) {
      throw no('FULL', `${open} channels are open without an offer`);
    }
    this.#open.set(peer, open + 1);
    try {
      const { offerMs } = this.#rules;
      const offer = await within(this.#clock, offerMs, read(incoming, maxIds), null);
      if (offer === null) throw no('NO_OFFER', `no whole offer came within ${offerMs} ms`);
      return offer;
    } finally {
      const left = this.#open.get(peer)! - 1;
      if (left > 0) this.#open.set(peer, left);
      else this.#open.delete(peer);
    }
  }
}

async function read(incoming: AsyncIterator<Uint8Array>, maxIds: number): Promise<Offer> {
  const first = await next(incoming);
  if (first.type !== 'offer') throw no('BAD_MESSAGE', `${first.type} came before an offer`);
  const { promptTokens, resumeAt } = offeredJob(first.job);
  const due = promptTokens + resumeAt;
  if (due > maxIds) throw no('TOO_LONG', `${due} tokens, at most ${maxIds} are taken`);
  const ids: number[] = [];
  while (ids.length < due) {
    const message = await next(incoming);
    if (message.type !== 'ids') throw no('BAD_MESSAGE', `${message.type} came within an offer`);
    if (message.ids.length === 0) throw no('BAD_OFFER', 'an empty piece of an offer');
    for (const id of message.ids) ids.push(id);
  }
  if (ids.length > due) throw no('BAD_OFFER', `${ids.length} tokens came, ${due} were announced`);
  return {
    job: first.job.slice(),
    jobKey: first.jobKey.slice(),
    nonce: first.nonce.slice(),
    stops: first.stops,
    prompt: ids.slice(0, promptTokens),
    prefix: ids.slice(promptTokens),
  };
}

async function next(incoming: AsyncIterator<Uint8Array>) {
  const { done, value } = await incoming.next();
  if (done) throw no('NO_OFFER', 'the channel ended before its offer was whole');
  return decodeMessage(value);
}

function no(code: string, message: string): NexusError {
  return new NexusError(code, message, { stage: 'admission' });
}
