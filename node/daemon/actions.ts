import { equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Handlers } from '../control/mod.ts';
import type { NexusNode } from './node.ts';
import { withCosts } from './job_costs.ts';
import { listJobs, MAX_LISTED as MAX_JOBS } from './job_list.ts';
import { Params } from './params.ts';
import { listReceipts, readReceipt } from './receipt_files.ts';

/** Receipts of one list, at most. */
const MAX_LISTED = 1000;

/** What the owner of a node does with it while it runs. */
export function actionsOf(node: NexusNode): Handlers {
  const { paths } = node.options.home;
  return {
    async ban(params) {
      const key = new Params(params).key();
      if (equalBytes(key, node.signer.publicKey)) {
        throw new NexusError('BAN_SELF', 'that is this very node', {
          hint: "give a peer's key: nexus peers",
        });
      }
      await node.bans.add(key);
      node.bus.emit('banned', { key: toHex(key) });
      await node.mesh?.refresh();
      return null;
    },
    /** Whether it was banned. */
    async unban(params) {
      const key = new Params(params).key();
      const unbanned = await node.bans.remove(key);
      if (unbanned) node.bus.emit('unbanned', { key: toHex(key) });
      if (unbanned) await node.mesh?.refresh();
      return { unbanned };
    },
    bans: () => Promise.resolve(node.bans.all),
    /** Executors that are not asked, since a check found something. */
    distrusted: () => Promise.resolve(node.checks.distrust.all),
    /** Whether it was one of them. */
    async forgive(params) {
      const key = new Params(params).key();
      const forgiven = await node.checks.distrust.remove(key);
      if (forgiven) node.bus.emit('forgiven', { key: toHex(key) });
      return { forgiven };
    },
    async price(params) {
      const { minPrice, maxPrice } = node.options.network.file.rules;
      const price = new Params(params).whole('price', minPrice, maxPrice);
      await node.setPrice(price);
      return { price };
    },
    async drain(params) {
      const draining = new Params(params).flag('on');
      await node.drain(draining);
      return { draining };
    },
    pull: (params, signal) => node.pull(new Params(params).text('model'), signal),
    async receipt(params) {
      const job = new Params(params).text('job', 64).toLowerCase();
      const text = await readReceipt(paths.receipts, job);
      if (text === null) {
        throw new NexusError('RECEIPT_UNKNOWN', 'no receipt of that job is kept here', {
          hint: 'the list has the jobs with a receipt; only the newest are kept',
        });
      }
      return { job, text };
    },
    async jobs(params) {
      const given = new Params(params);
      const limit = given.whole('limit', 1, MAX_JOBS, 20);
      const start = given.raw('start') == null ? null : given.text('start', 64).toLowerCase();
      const isAll = given.raw('probes') != null && given.flag('probes');
      const logs = await node.feeds();
      const { verdicts } = node.checks, { probes } = node.probing;
      const sources = { logs, core: logs.identity.jobs, verdicts, probes, store: node.store };
      const jobs = await listJobs(sources, { limit, start, probes: isAll });
      return withCosts(jobs, node.ledgerRows);
    },
    receipts(params) {
      const limit = new Params(params).whole('limit', 1, MAX_LISTED, 100);
      return listReceipts(paths.receipts, limit);
    },
  };
}
