import { asNexusError, toHex } from '../../feeds/base/mod.ts';
import type { Cut } from '../../feeds/agreement/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import type { Signer } from '../../feeds/records/mod.ts';
import { NetworkFold } from '../../feeds/ledger/mod.ts';
import type { TrustCut, TrustEntry, TrustEvent } from '../../feeds/trust/mod.ts';
import { AuditAgent, Entitled, type Stall, tellOf, ToldMemory, trustRows } from '../auditor/mod.ts';
import type { TrustRows } from '../control/mod.ts';
import type { PlantedAnswers, Planter } from '../canary/mod.ts';
import type { Engine } from '../engine/mod.ts';
import { foldOptionsOf } from '../evidence/mod.ts';
import type { Snapshot, SnapshotKeeper } from '../snapshot/mod.ts';
import { CutFollower } from '../witness/mod.ts';
import { auditDepsOf } from './audit_deps.ts';
import { AuditOffer } from './audit_offer.ts';
import type { Checking } from './checking.ts';
import type { EventBus } from './events.ts';
import type { OwnLogs } from './logs.ts';
import type { Money } from './money.ts';
import type { Probing } from './probing.ts';
import type { NodeOptions } from './options.ts';
import { foldingNote } from './folding_note.ts';
import { openPlanter } from './planting.ts';
import { Proofs } from './proofs.ts';
import type { Seating } from './seating.ts';
import type { ServingModels } from './serving.ts';
import type { Transcripts } from './transcripts.ts';
import { resuming } from './snapshots.ts';
import { vouchForShipped } from './vouching.ts';
import { again, elects, ownChains, tellingCuts } from './witnessing.ts';

export interface AuditingOptions {
  node: NodeOptions;
  feeds: Promise<Feeds>;
  logs: OwnLogs;
  signer: Signer;
  engine: Engine;
  serving: ServingModels;
  checking: Checking;
  transcripts: Transcripts;
  bus: EventBus;
  /** Null in a network without money. */
  money: Money | null;
  probing: Probing;
  /** Told whom the ledger wants to be the witnesses. */
  seating: Pick<Seating, 'folded'>;
  snapshots: SnapshotKeeper;
  /** What this node answers to jobs that it planted itself. */
  planted: PlantedAnswers;
  /** Whether peers can ask this node. */
  lends: () => boolean;
}

/** A node's part in the audits of a network that has witnesses. */
export class Auditing {
  readonly #options: AuditingOptions;
  readonly #me: string;
  readonly #stop = new AbortController();
  readonly #work: Promise<void>;
  readonly #entitled = new Entitled();
  readonly #offer: AuditOffer;
  readonly #memory: ToldMemory;
  /** Proofs of sampling. */
  readonly proofs: Proofs;
  #fold: NetworkFold | null = null;
  #rows: TrustRows | null = null;
  #stall: Stall | null = null;
  #cuts: CutFollower | null = null;
  /** When it began to read them, monotonic. */
  #since = 0;
  /** Of cuts up to this epoch everything was told, in this run or before. */
  #told = -1;
  /** What is known when a node starts was told when it came. */
  #live = false;
  #serving = false;
  #vouched = false;
  /** Null where nothing is planted, and before that is known. */
  #planter: Planter | null = null;
  /** Something of the newest cut's ledger was told. */
  #toldLedger = false;

  constructor(options: AuditingOptions) {
    const { node, bus, signer, logs } = options;
    this.#options = options;
    this.#me = toHex(signer.publicKey);
    this.#memory = new ToldMemory(node.home.paths.audits, toHex(node.network.id));
    this.#offer = new AuditOffer(node.network.id, logs);
    this.proofs = new Proofs({ ...options, me: this.#me });
    const { signal } = this.#stop;
    // Who is there for one prompt only cannot be asked for anything later.
    const audits = node.network.file.witnesses.length > 0 && node.mesh && node.announce;
    const run = () => resuming(options.snapshots, (from) => this.#run(from));
    this.#work = audits ? again(run, bus, signal) : Promise.resolve();
  }

  /** Where the audits stand: the same object until that changes; null where there are none. */
  get rows(): TrustRows | null {
    const fold = this.#fold;
    if (fold === null) return null;
    const { rules } = this.#options.node.network.file;
    const { rows: proofs } = this.proofs;
    if (this.#rows?.proofs !== proofs) this.#rows = null;
    const view = fold.trust.view();
    return this.#rows ??= { ...trustRows(view, this.#me, rules.lifetimeAlpha, this.note), proofs };
  }

  /** Why nothing goes on, for people; null where it does. */
  get note(): string | null {
    const cuts = this.#fold === null ? this.#cuts : null;
    return foldingNote(this.#stall, cuts, performance.now() - this.#since);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#work;
    await this.#planter?.close();
    await this.proofs[Symbol.asyncDispose]();
    await this.#offer.leave();
  }

  /** @param from where this node was; null: the first cut is the next */
  async #run(from: Snapshot | null): Promise<void> {
    const { node, bus, logs, money, snapshots } = this.#options;
    const { signal } = this.#stop;
    const { file, id } = node.network;
    const feeds = await this.#options.feeds;
    await this.proofs.ready;
    this.#told = Math.max(this.#told, await this.#memory.load());
    this.#serve(feeds);
    this.#planter ??= await this.#plants();
    const { witnesses } = file;
    const { onCut, onEquivocation } = tellingCuts(bus, money);
    const fold = new NetworkFold(foldOptionsOf(file, node.network.keyFolder), from?.fold);
    money?.ledgering.begin(from?.memory ?? null, fold.ledger);
    if (from !== null) {
      this.#resumed(from);
      this.#options.seating.folded(from.cut.epoch, fold.seats());
    }
    const chains = node.roles.has('witness')
      ? await ownChains(node, feeds, from?.audit.chains ?? null)
      : undefined;
    const cuts = new CutFollower({
      feeds,
      network: id,
      witnesses,
      everything: true,
      elects: elects(node),
      signal,
      ...(from === null ? {} : { from: from.cuts }),
      ...(node.roles.has('witness') ? {} : { onEquivocation }),
    });
    this.#cuts = cuts;
    this.#since = performance.now();
    let last: Cut | null = from?.cut ?? null;
    const agent = new AuditAgent({
      deps: await auditDepsOf(this.#options, feeds),
      feeds,
      cuts,
      from: from === null ? undefined : { ...from.audit, cut: from.cut },
      chains,
      fold: fold.trust,
      take: (cut, entries) => this.#take(fold, cut, entries),
      onCut: (cut, events) => {
        this.#rows = null;
        last = cut;
        if (node.roles.has('witness')) this.#options.seating.folded(cut.epoch, fold.seats());
        if (!node.roles.has('witness') && this.#live) onCut(cut);
        this.#entitled.take(events);
        this.#planter?.take(cut.epoch, fold.trust.known, events);
        this.#tell(cut, events, agent.own);
        // The follower waits with this cut: what it knows is what the fold has folded.
        snapshots.folded(() => capture(cut));
      },
      onSettled: () => {
        this.#fold = fold;
        if (fold.ledger !== null) money?.ledgering.settled(fold.ledger, fold.trust);
        if (!node.roles.has('witness') && !this.#live && last !== null) onCut(last);
        this.#live = true;
        this.#options.probing.settled(last!.epoch, fold.prints);
        if (node.roles.has('auditor')) {
          this.#offer.renew(this.#options.serving).catch((thrown) => this.#failed(thrown));
        }
        if (fold.trust.isWitness(this.#me) && !this.#vouched) {
          this.#vouched = true;
          vouchForShipped(agent.own, logs).catch((thrown) => this.#failed(thrown));
        }
        this.#planter?.settled(last!.epoch);
        this.proofs.settled(fold.sampling, fold.trust, agent);
        money?.ledgering.vouch(agent.own).catch((thrown) => this.#failed(thrown));
        money?.accuser.settled().catch((thrown) => this.#failed(thrown));
      },
      onStall: (stall) => {
        this.#rows = null;
        money?.ledgering.changed();
        this.#stall = stall;
      },
      onError: (thrown) => this.#failed(thrown),
      signal,
    });
    this.#live = false;
    const capture = (cut: Cut): Snapshot => ({
      cut,
      cuts: cuts.state(),
      fold: fold.state(),
      audit: agent.state(),
      entitled: this.#entitled.state(),
      memory: money?.ledgering.memory ?? null,
    });
    from = null; // as large as all that the fold knows
    await agent.run();
    const newest = cuts.current;
    const isFolded = newest !== null && newest.epoch === fold.trust.epoch;
    await snapshots.close(isFolded ? () => capture(newest) : null);
  }

  /** What was concluded up to there was told when it came. */
  #resumed({ cut: { epoch, hash }, entitled }: Snapshot): void {
    this.#entitled.load(entitled);
    this.#told = Math.max(this.#told, epoch);
    this.#options.bus.emit('resumed', { epoch, hash: toHex(hash) });
  }

  /** Folds a cut; what it means for money is told with what it means for trust. */
  async #take(fold: NetworkFold, cut: TrustCut, entries: readonly TrustEntry[]) {
    const { trust, ledger, prints, sampling } = await fold.takeCut(cut, entries);
    this.proofs.took(sampling, cut.epoch > this.#told && this.#live);
    const { money, probing } = this.#options;
    probing.took(cut.epoch, prints, cut.epoch > this.#told && this.#live);
    if (fold.ledger === null || money === null) return trust;
    const { ledgering } = money;
    ledgering.took(ledger, fold.ledger);
    this.#toldLedger = cut.epoch > this.#told && ledgering.tell(ledger, cut.epoch, this.#live);
    return trust;
  }

  #failed(thrown: unknown): void {
    this.#options.bus.emit('error', { ...asNexusError(thrown).toJSON() });
  }

  #plants(): Promise<Planter | null> {
    const { planted: answers, lends } = this.#options;
    const rate = () => (this.#fold?.trust.executor(this.#me)?.rate ?? 10_000) / 10_000;
    return openPlanter({ ...this.#options, answers, lends, rate });
  }

  #serve(feeds: Feeds): void {
    if (this.#serving) return;
    this.#serving = true;
    const { transcripts } = this.#options;
    transcripts.onError = (thrown) => this.#failed(thrown);
    transcripts.serve(
      feeds,
      (peer, job, attempt, shown) => {
        const who = toHex(peer), id = toHex(job);
        const isDrawn = shown !== null && this.proofs.mayBeShown(who, id, attempt, shown);
        return isDrawn || this.#entitled.has(who, id, attempt);
      },
    );
  }

  /**
   * Each conclusion is told once: of what came while the node was away, or before it joined, only that
   * which concerns it.
   */
  #tell(cut: Cut, events: readonly TrustEvent[], own: AuditAgent['own']): void {
    if (cut.epoch <= this.#told) return;
    const told = tellOf(events, this.#me, own).filter((one) => this.#live || one.concerns);
    for (const { event, fields } of told) this.#options.bus.emit(event, fields);
    this.#told = cut.epoch;
    if (told.length === 0 && !this.#toldLedger) return;
    this.#memory.told(cut.epoch).catch((thrown) => this.#failed(thrown));
  }
}
