import { type Feeds, startFeeds } from '../../feeds/client/mod.ts';
import { importSigner, type Signer } from '../../feeds/records/mod.ts';
import { createEngine, type ProcessEngine } from '../engine/mod.ts';
import { modelRoots } from '../home/mod.ts';
import { bootstrapOf } from '../network/mod.ts';
import { BanList } from './bans.ts';
import { Distrust } from './distrust.ts';
import { type EngineMemory, engineMemory } from './memory.ts';
import type { NodeOptions } from './options.ts';
import { ProbeBook } from './probe_book.ts';
import { Transcripts } from './transcripts.ts';
import { VerdictBook } from './verdicts.ts';

/** What a node is built on: its child processes, and what is kept on disk. */
export interface Services {
  signer: Signer;
  bans: BanList;
  distrust: Distrust;
  verdicts: VerdictBook;
  probes: ProbeBook;
  transcripts: Transcripts;
  memory: EngineMemory;
  engine: ProcessEngine;
  /** The feeds service; it starts when it is needed. */
  feeds: Promise<Feeds>;
  needed: PromiseWithResolvers<void>;
}

/**
 * Starts engine and feeds service; neither is waited for. Without a mesh the logs are first written
 * when an answer begins: until its model is there, the processors are the engine's.
 */
export async function startServices(options: NodeOptions): Promise<Services> {
  const { home, settings, network } = options;
  const signer = await importSigner(home.seed);
  const [bans, distrust, verdicts, probes] = await Promise.all([
    BanList.load(home.paths.banned),
    Distrust.load(home.paths.distrusted),
    VerdictBook.load(home.paths.verdicts),
    ProbeBook.load(home.paths.fingerprints),
  ]);
  const memory = await engineMemory(home.paths.state);
  const plain = createEngine({
    roots: modelRoots(home.paths),
    scoreShare: network.file.rules.auditShare / 100,
    ...(options.engineProcess === undefined ? {} : { process: options.engineProcess }),
    ...memory.options(settings.threads.value, settings.slots.value),
  });
  const engine = options.wrapEngine?.(plain) ?? plain;
  const needed = Promise.withResolvers<void>();
  const feeds = needed.promise.then(() =>
    startFeeds({
      home: home.paths.home,
      seed: home.seed,
      ...(settings.host.value === null ? {} : { host: settings.host.value }),
      ...bootstrapOf(settings.bootstrap.value ?? network.bootstrap),
      ...(options.nodeBinary === undefined ? {} : { node: options.nodeBinary }),
    })
  );
  if (options.mesh) needed.resolve();
  feeds.catch(() => {}); // told to whoever needs it
  const transcripts = await Transcripts.open(home.paths.payloads, network, feeds);
  return { signer, bans, distrust, verdicts, probes, transcripts, memory, engine, feeds, needed };
}
