import { fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  entryToJson,
  type Json,
  type ReceiptEntry,
  type ReceiptSampling,
  samplingToJson,
} from '../../feeds/proof/mod.ts';
import type { Place } from '../../feeds/trust/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import type { Handlers } from '../control/mod.ts';
import type { NexusNode } from './node.ts';
import { Params } from './params.ts';
import type { Proofs } from './proofs.ts';

/** What the owner of a node can ask about proofs of sampling. */
export function proofMethods(node: NexusNode): Handlers {
  return {
    /** Where they stand; null in a network that asks for none. */
    proofs: () => Promise.resolve(node.proofs?.rows ?? null),
    /** Makes the proof of one of this node's own answers, before those that wait. */
    async prove(params) {
      const proofs = proofsOf(node);
      const { id, job, attempt } = (await proofs.prove(jobOf(new Params(params)))).proof.subject;
      return { subject: id, job, attempt, insecure: proofs.insecure };
    },
    /** The proof of an attempt that this node got, for its receipt. */
    async proof(params) {
      const given = new Params(params);
      const attempt = given.whole('attempt', 0, 0xffff);
      const proofs = proofsOf(node);
      const { proof, shown } = await proofs.shownOf(jobOf(given), attempt);
      const feeds = await node.feeds();
      const { core, index } = proof.entry!.place;
      const sampling: ReceiptSampling = {
        entry: await entryOf(feeds, { core, index }),
        beacon: proof.beacon,
        draw: fromHex(proof.draw, 32),
        shown: shown.map((one) => ({ ...one, ids: [...one.ids] })),
      };
      const identity: Json = entryToJson(await entryOf(feeds, { core, index: 0 }));
      return { sampling: samplingToJson(sampling), identity, insecure: proofs.insecure };
    },
  };
}

function proofsOf({ proofs }: NexusNode): Proofs {
  if (proofs !== null) return proofs;
  throw new NexusError('PROOFS_NONE', 'this node is in no mesh with witnesses', {
    hint: 'start it with nexus up, in a network whose file asks for proofs',
  });
}

function jobOf(params: Params): string {
  const job = params.text('job', 64).toLowerCase();
  if (/^[0-9a-f]{8,64}$/.test(job)) return job;
  throw new NexusError(
    'BAD_REQUEST',
    'a job is named by its id, or the first eight digits and more',
  );
}

/** An entry that a cut covers, with proof that its log holds it. */
async function entryOf(
  feeds: Pick<Feeds, 'read' | 'prove'>,
  { core, index }: Pick<Place, 'core' | 'index'>,
): Promise<ReceiptEntry> {
  const key = fromHex(core, 32);
  for await (const { value } of feeds.read(key, { start: index, end: index + 1 })) {
    if (value !== null) return { value, proof: await feeds.prove(key, index) };
  }
  throw new NexusError('ENTRY_GONE', `entry ${index} of ${toHex(key)} is not here any more`, {
    hint: 'give the logs more room on the disk',
  });
}
