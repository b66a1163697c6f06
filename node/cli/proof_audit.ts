import { counted } from '../../feeds/base/mod.ts';
import { call, type ProofRow, type ProofRows } from '../control/mod.ts';
import { pathsOf } from '../home/mod.ts';
import { loadNetwork } from '../network/mod.ts';
import { auditProofs, openLogs } from '../record/mod.ts';
import { short } from './answer.ts';
import { table } from './columns.ts';
import { openContext } from './context.ts';
import { FORGEABLE } from './pinned_key.ts';
import type { Output } from './output.ts';
import { nodeBinary } from './runtime.ts';

/** Proofs that are listed for people, the newest; `--json` has all of the challenge window. */
const MAX_ROWS = 64;

/**
 * Replays the proofs of sampling from the logs in a folder, checks those that it can, and lists them.
 * @param folder absent: the home
 * @returns false where one was refused or refuted
 */
export async function showProofAudit(
  folder: string | undefined,
  flags: { home?: string | undefined; network?: string | undefined },
  out: Output,
  signal: AbortSignal,
): Promise<boolean> {
  const { home, settings } = await openContext(flags);
  const paths = folder === undefined ? home.paths : pathsOf(folder);
  const network = await loadNetwork(home.paths, flags.network ?? settings.network.value);
  await using source = await openLogs(paths.home, signal, nodeBinary());
  const running = await call(paths.socket, 'proofs', {}, signal).catch(() => null);
  const found = new Map(
    ((running as ProofRows | null)?.proofs ?? []).map((row) => [row.subject, row]),
  );
  const options = { me: source.key, payloads: paths.payloads, found };
  const { rows, findings, stopped } = await auditProofs(source, network, options, signal);
  for (const row of rows.proofs) await out.event({ event: 'sampling-proof', ...row });
  for (const { place, ...finding } of findings) {
    await out.event({ event: 'proof-finding', ...finding, ...place });
  }
  const { proofs: _, waiting: __, ...sums } = rows;
  await out.event({ event: 'proofs', network: network.name, ...sums, stopped });
  if (rows.proofs.length > 0) {
    const head = ['JOB', 'EXECUTOR', 'CUT', 'STATE', 'CHECK', 'WHY'];
    const shown = rows.proofs.slice(-MAX_ROWS).map(rowOf);
    await out.result(table([head, ...shown], out.columns));
  }
  for (const { code, author, detail } of findings.slice(-MAX_ROWS)) {
    await out.result(`${code} by ${short(author)}: ${detail}`);
  }
  const { asked, made, missing, refuted, checked, refused, unchecked, insecure } = rows;
  await out.result(
    `${counted(asked, 'proof')} asked for, ${made} made, ${missing} missing, ${refuted} refuted; ` +
      `${checked} checked here, ${refused} refused, ${unchecked} unchecked` +
      (insecure ? ', INSECURE keys' : ''),
  );
  if (insecure) await out.warn(FORGEABLE);
  if (stopped !== null) await out.warn(`the replay ends before the last cut: ${stopped}`);
  return refused === 0 && refuted === 0;
}

function rowOf({ job, executor, epoch, state, asked, check, code }: ProofRow): string[] {
  const said = asked || state !== 'made' ? state : 'made unasked';
  return [short(job), short(executor), String(epoch), said, check ?? '-', code ?? ''];
}
