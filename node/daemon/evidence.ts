import { fromHex, NexusError } from '../../feeds/base/mod.ts';
import { openArchive } from '../../feeds/client/mod.ts';
import type { EvidenceOpening } from '../../feeds/evidence/mod.ts';
import type { Subject } from '../../feeds/trust/mod.ts';
import { streamCall } from '../control/mod.ts';
import { type Gathered, gatherEvidence, type StoredLogs } from '../evidence/mod.ts';
import type { LoadedModel } from '../engine/mod.ts';
import { ModelStore } from '../models/mod.ts';
import { exhibitsIn, readExhibit, readKept } from '../payloads/mod.ts';
import type { NexusNode } from './node.ts';
import type { NodeOptions } from './options.ts';

/** What an evidence file is to hold. */
export interface EvidenceQuery {
  /** Key of an executor, or id of a job. */
  about: string;
  /** Whether it shows the keys of the jobs whose transcripts are kept here. */
  open: boolean;
}

/** Characters of one event. */
const PIECE = 1024 * 1024;

/** Where transcripts and models lie. */
interface Shelves {
  payloads: string;
  store: ModelStore;
  loaded(profile: Uint8Array): LoadedModel | undefined;
}

/** A node's evidence as events, piece by piece; returns what is in it. */
export async function* tellEvidence(
  node: NexusNode,
  query: EvidenceQuery,
  signal: AbortSignal,
): AsyncGenerator<{ part: string }, Omit<Gathered, 'text'>, void> {
  const { serving, store, options } = node;
  const { text, ...about } = await gatherEvidence({
    logs: await node.feeds(),
    network: options.network.file,
    keyFolder: options.network.keyFolder,
    about: query.about,
    opening: openingsOf(query, {
      payloads: options.home.paths.payloads,
      store,
      loaded: (profile) => serving.get(profile)?.loaded,
    }),
    signal,
  });
  for (let at = 0; at < text.length; at += PIECE) yield { part: text.slice(at, at + PIECE) };
  return about;
}

/**
 * Evidence from the node that runs on a home, else from its files, which are not changed.
 * @throws {NexusError} `EVIDENCE_…`, `STORE_MISSING`, `STORE_UNREADABLE`
 */
export async function evidenceOfHome(
  { home, network, nodeBinary }: NodeOptions,
  query: EvidenceQuery,
  signal: AbortSignal,
): Promise<Gathered> {
  const { paths } = home;
  try {
    return await askNode(paths.socket, query, signal);
  } catch (thrown) {
    if (!(thrown instanceof NexusError) || thrown.code !== 'NODE_NOT_RUNNING') throw thrown;
  }
  const node = nodeBinary === undefined ? {} : { node: nodeBinary };
  await using logs = await openArchive(paths.store, node);
  return await gatherEvidence({
    logs: logs satisfies StoredLogs,
    network: network.file,
    keyFolder: network.keyFolder,
    about: query.about,
    opening: openingsOf(query, {
      payloads: paths.payloads,
      store: new ModelStore(paths.home),
      loaded: () => undefined,
    }),
    signal,
  });
}

async function askNode(
  socket: string,
  query: EvidenceQuery,
  signal: AbortSignal,
): Promise<Gathered> {
  const parts: string[] = [];
  const events = streamCall(socket, 'evidence', query, signal);
  for (;;) {
    const { done, value } = await events.next();
    if (!done) parts.push((value as { part: string }).part);
    else return { text: parts.join(''), ...value as Omit<Gathered, 'text'> };
  }
}

/** The transcripts that are kept here, sealed, and with their keys where these are to be shown. */
function openingsOf({ open }: EvidenceQuery, { payloads, store, loaded }: Shelves) {
  return async ({ id, job, attempt, profile }: Subject): Promise<EvidenceOpening | null> => {
    const [kept, exhibit, model] = await Promise.all([
      readKept(payloads, job, attempt),
      readExhibit(exhibitsIn(payloads), job, attempt),
      store.get(fromHex(profile, 32)),
    ]);
    const shown = exhibit ?? kept;
    if (shown === null || model === null) return null;
    const here = loaded(fromHex(profile, 32));
    const isWhole = here !== undefined && here.endTokens.length > 0;
    return {
      subject: id,
      sealed: shown.sealed,
      candidates: exhibit?.candidates ?? null,
      jobKey: open ? shown.jobKey : null,
      profile: model.entry.profile,
      vocabulary: isWhole ? { size: here.vocabularySize, endTokens: [...here.endTokens] } : null,
    };
  };
}
