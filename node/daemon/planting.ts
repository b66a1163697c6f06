import { join } from 'node:path';
import { asNexusError } from '../../feeds/base/mod.ts';
import { encodeRecord, type Signer } from '../../feeds/records/mod.ts';
import { CanaryBook, type PlantedAnswers, Planter } from '../canary/mod.ts';
import type { Engine } from '../engine/mod.ts';
import { randomBytes } from '../home/mod.ts';
import { bootstrapOf } from '../network/mod.ts';
import type { EventBus } from './events.ts';
import type { OwnLogs } from './logs.ts';
import type { NodeOptions } from './options.ts';
import type { ServingModels } from './serving.ts';

export interface PlantingOptions {
  node: NodeOptions;
  logs: OwnLogs;
  signer: Signer;
  engine: Engine;
  serving: ServingModels;
  answers: PlantedAnswers;
  bus: EventBus;
  /** Whether peers can ask this node. */
  lends: () => boolean;
  /** Chance that an answer of this node is audited, 0 to 1. */
  rate: () => number;
}

/**
 * Begins to plant jobs where this witness is to. Nobody is planted where only members may ask, since
 * each planted job is asked by an identity of its own, nor where asking costs what it does not have.
 */
export async function openPlanter(options: PlantingOptions): Promise<Planter | null> {
  const { node, logs, signer, engine, serving, answers, bus, lends, rate } = options;
  const { network, home, settings, roles } = node;
  const { rules, kind, ledger } = network.file;
  const plants = rules.canaryShare > 0 && roles.has('witness') && roles.has('executor');
  if (!plants || kind !== 'open' || ledger !== null) return null;
  return await Planter.open({
    me: signer.publicKey,
    network,
    book: new CanaryBook(join(home.paths.home, 'canaries')),
    answers,
    engine,
    place: {
      ...(settings.host.value === null ? {} : { host: settings.host.value }),
      ...bootstrapOf(settings.bootstrap.value ?? network.bootstrap),
      ...(node.nodeBinary === undefined ? {} : { node: node.nodeBinary }),
    },
    model: () => {
      const { all } = serving;
      return lends() ? all[Math.floor(Math.random() * all.length)] ?? null : null;
    },
    rate,
    append: async (record) => (await logs.append('attestations', [encodeRecord(record)])).index,
    onPlanted: (job, honest) => bus.emit('canary-planted', { job, honest }),
    onError: (thrown) => bus.emit('error', { ...asNexusError(thrown).toJSON() }),
    random: Math.random,
    randomBytes,
    now: Date.now,
  });
}
