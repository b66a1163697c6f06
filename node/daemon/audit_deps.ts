import type { Feeds } from '../../feeds/client/mod.ts';
import { boxSecret } from '../../feeds/wire/mod.ts';
import { type AuditDeps, Drafts } from '../auditor/mod.ts';
import { readTable } from '../calibration/mod.ts';
import { randomBytes } from '../home/mod.ts';
import type { AuditingOptions } from './auditing.ts';

/** What an auditor reads answers with: this node's engine, models, logs and kept payloads. */
export async function auditDepsOf(options: AuditingOptions, feeds: Feeds): Promise<AuditDeps> {
  const { node, logs, signer, engine, serving, checking, transcripts } = options;
  const { home, network } = node;
  return {
    network: network.id,
    rules: network.file.rules,
    me: signer.publicKey,
    secret: boxSecret(home.seed),
    feeds,
    append: (log, blocks) => logs.append(log, blocks),
    engine,
    modelOf: async (profile, executorClass) => {
      const served = serving.get(profile);
      if (served === undefined) return null;
      const loaded = await checking.proven(served, executorClass);
      return { loaded, topK: served.model.entry.profile.topK };
    },
    readTable: (table) => readTable(table, network.file.rules.alpha),
    payloads: transcripts,
    drafts: await Drafts.load(home.paths.audits),
    now: Date.now,
    random: randomBytes,
  };
}
