import { asNexusError, equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Channel, Feeds } from '../../feeds/client/mod.ts';
import type { JobMeter } from '../../fingerprint/energy/mod.ts';
import { type ArtifactRecord, recordHash, verifyEd25519 } from '../../feeds/records/mod.ts';
import type { Load } from '../router/mod.ts';
import { Admission, type Ticket } from './admission.ts';
import { attemptName, Attempts, FORGETFUL } from './attempts.ts';
import { type CheckedOffer, checkOffer, type Served } from './check.ts';
import { systemClock, within } from './clock.ts';
import type { ExecutorDeps } from './deps.ts';
import type { Offer } from './offer.ts';
import { Outbox } from './outbox.ts';
import { channelPair } from './pair.ts';
import type { Rate } from './rate.ts';
import { Reception } from './reception.ts';
import { FREE, spendingOf } from './purse.ts';
import { JOB_RULES } from './rules.ts';
import { toSaid } from './said.ts';
import { Session } from './session.ts';
import { JOB_PROTOCOL } from './wire.ts';

/** Tokens of an offer that is received whatever is served, so that its refusal names the reason. */
const LEAST_OFFER = 8192;

/** An executor that takes jobs until it is drained. */
export interface JobServer extends AsyncDisposable {
  /** How busy it is with one profile: what to announce. */
  load(profile: Uint8Array): Load | null;
  /** Sessions that are not over, queued ones and those that wait for a settlement included. */
  readonly sessions: number;
  /** Serves one channel; give it to `feeds.serve(JOB_PROTOCOL, …)`. Never throws. */
  handle(channel: Channel): void;
  /** A channel to this very executor, for the node's own requester. */
  connect(id: Uint8Array, handshake: Uint8Array): Channel;
  /** Refuses new and waiting jobs, lets running ones end for `ms`, then stops them so that they move on. */
  drain(ms: number): Promise<void>;
}

/** Starts an executor; if `feeds` can serve, it takes the mesh's job channels at once. */
export function serveJobs(
  deps: ExecutorDeps & { feeds: Partial<Pick<Feeds, 'serve'>> },
): JobServer {
  const server = new Executor(deps);
  deps.feeds.serve?.(JOB_PROTOCOL, (channel) => server.handle(channel));
  return server;
}

class Executor implements JobServer {
  readonly #deps: Required<ExecutorDeps>;
  readonly #reception: Reception;
  readonly #queues = new Map<string, Admission>();
  readonly #attempts: Attempts;
  readonly #sessions = new Set<Session>();
  readonly #work = new Set<Promise<void>>();
  #draining = false;

  constructor(deps: ExecutorDeps) {
    this.#deps = {
      rules: JOB_RULES,
      clock: systemClock,
      heads: () => [],
      admit: () => null,
      attempts: FORGETFUL,
      onEvent: () => {},
      keep: () => {},
      topk: () => null,
      meter: () => UNMETERED,
      purse: FREE,
      ...deps,
    };
    const { clock, rules, attempts } = this.#deps;
    this.#reception = new Reception(clock, rules);
    this.#attempts = new Attempts(attempts, rules, clock);
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  load(profile: Uint8Array): Load | null {
    const name = toHex(profile);
    const served = this.#deps.offerings().find((s) => toHex(s.profile) === name);
    return served === undefined ? null : this.#queue(served).load;
  }

  handle(channel: Channel): void {
    const work = this.#serve(channel).catch((thrown) => {
      this.#refused(channel, asNexusError(thrown));
    });
    this.#work.add(work);
    work.finally(() => this.#work.delete(work));
  }

  connect(id: Uint8Array, handshake: Uint8Array): Channel {
    const me = this.#deps.signer.publicKey;
    const pair = channelPair({ protocol: JOB_PROTOCOL, id, handshake, keys: [me, me] });
    this.handle(pair.ends[1]);
    return pair.ends[0];
  }

  async drain(ms: number): Promise<void> {
    this.#draining = true;
    const { clock, rules } = this.#deps;
    for (const session of this.#sessions) if (!session.started) session.stop(draining());
    const idle = this.#idle();
    if (await within(clock, ms, idle.then(() => true), false)) return;
    for (const session of this.#sessions) session.stop(draining());
    await within(clock, rules.stopMs + rules.settleMs + rules.logMs, idle, undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain(0);
  }

  async #idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  async #serve(channel: Channel): Promise<void> {
    const deps = this.#deps;
    const outbox = new Outbox(channel, deps.clock);
    const incoming = channel[Symbol.asyncIterator]();
    const since = deps.clock.tick();
    let session: Session, ticket: Ticket, checked: CheckedOffer;
    try {
      if (this.#draining) throw draining();
      const contexts = deps.offerings().map(({ contextSize }) => contextSize);
      const maxIds = Math.max(LEAST_OFFER, ...contexts);
      const offer = await this.#reception.offer(channel, incoming, maxIds);
      checked = await this.#check(channel, offer);
      // Who asks of himself has nothing to gain, and need not wait for the disk.
      const isOwn = equalBytes(channel.peer, deps.signer.publicKey);
      if (!isOwn) await this.#attempts.recall();
      ticket = this.#admit(channel, offer, checked, (position) => {
        outbox.post({ type: 'progress', position });
      });
      const { job, attempt } = checked.record;
      const kept = this.#attempts.take(attemptName(job, attempt), isOwn);
      const onRate = this.#rateOf(channel, checked);
      const given = { channel, incoming, offer, checked, outbox, deps };
      session = new Session({ ...given, kept, since, onRate });
    } catch (thrown) {
      const error = asNexusError(thrown, 'BAD_OFFER');
      this.#refused(channel, error);
      const said = outbox.send({ type: 'refuse', ...toSaid(error) }).catch(() => {});
      return await this.#close(said, channel);
    }
    const { job, attempt, profile } = checked.record;
    const name = { job: toHex(job), attempt, requester: toHex(channel.peer) };
    deps.onEvent({ type: 'accepted', ...name, position: ticket.position });
    this.#sessions.add(session);
    try {
      const { artifact, error, ...end } = await session.run(ticket);
      this.#deps.purse.settle(job, attempt, artifact.ncu);
      const json = error?.toJSON() ?? null;
      deps.onEvent({
        type: 'finished',
        ...name,
        profile: toHex(profile),
        ...figuresOf(artifact),
        energy: await session.energy,
        error: json,
        ...end,
      });
    } catch (thrown) {
      // Nothing of it was signed, so that nothing of it is paid.
      this.#deps.purse.settle(job, attempt, 0);
      throw thrown;
    } finally {
      this.#sessions.delete(session);
      await this.#close(Promise.resolve(), channel);
    }
  }

  #rateOf(channel: Channel, { record: { job, attempt } }: CheckedOffer): (rate: Rate) => void {
    const { signer, onEvent } = this.#deps;
    // A prompt of one's own is told of by whoever asked.
    if (equalBytes(channel.peer, signer.publicKey)) return () => {};
    const name = { job: toHex(job), attempt, requester: toHex(channel.peer) };
    return (rate) => onEvent({ type: 'rate', ...name, ...rate });
  }

  /** A peer that takes nothing any more does not keep us. */
  #close(last: Promise<void>, channel: Channel): Promise<void> {
    const { clock, rules } = this.#deps;
    const closed = last.then(() => channel.close()).catch(() => {});
    return within(clock, rules.stopMs, closed, undefined);
  }

  async #check(channel: Channel, offer: Offer): Promise<CheckedOffer> {
    const { network, signer, offerings, admit } = this.#deps;
    const checked = await checkOffer(offer, {
      network,
      me: signer.publicKey,
      peer: channel.peer,
      channel: channel.id,
      served: offerings(),
      verify: verifyEd25519,
    });
    const refusal = admit(checked.record);
    if (refusal !== null) throw refusal;
    return checked;
  }

  #admit(
    channel: Channel,
    offer: Offer,
    checked: CheckedOffer,
    moved: (position: number) => void,
  ): Ticket {
    if (this.#draining) throw draining();
    const { job, attempt } = checked.record;
    this.#attempts.demandNew(attemptName(job, attempt));
    const ticket = this.#queue(checked.served).enter(toHex(channel.peer), moved);
    const unpaid = this.#deps.purse.reserve(spendingOf(checked.record, recordHash(offer.job)));
    if (unpaid !== null) {
      ticket.leave();
      throw unpaid;
    }
    return ticket;
  }

  #queue(served: Served): Admission {
    const name = toHex(served.profile);
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      const { queueLimit, queuePerPeer } = this.#deps.rules;
      queue = new Admission({ slots: served.slots, queueLimit, queuePerPeer });
      this.#queues.set(name, queue);
    }
    return queue;
  }

  #refused(channel: Channel, error: NexusError): void {
    this.#deps.onEvent({
      type: 'refused',
      requester: toHex(channel.peer),
      error: error.toJSON(),
    });
  }
}

/** Where nobody counts energy. */
const UNMETERED: JobMeter = { token() {}, end: () => Promise.resolve(null) };

/** What an artifact says of its work, for the node's events. */
function figuresOf(artifact: ArtifactRecord) {
  const { executor, promptTokens, tokens, finish, firstTokenMs, totalMs } = artifact;
  const streamMs = totalMs - firstTokenMs;
  return {
    executor: toHex(executor),
    promptTokens,
    tokens,
    firstTokenMs: tokens > 0 ? firstTokenMs : null,
    tokensPerSecond: tokens > 1 && streamMs > 0 ? (tokens - 1) * 1000 / streamMs : null,
    finish,
    totalMs,
  };
}

function draining(): NexusError {
  return new NexusError('DRAINING', 'this node is going down', {
    hint: 'ask another node',
    stage: 'admission',
  });
}
