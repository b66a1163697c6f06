import { counted, NexusError } from '../../../feeds/base/mod.ts';
import { evidenceOfHome } from '../../daemon/mod.ts';
import { NETWORK_FLAGS, openContext } from '../context.ts';
import { short } from '../answer.ts';
import { nodeOptions } from '../session.ts';
import { defineCommand } from '../spec.ts';

/** `nexus evidence` */
export const command = defineCommand({
  name: 'evidence',
  summary: 'what audits found, as a file that proves it',
  description:
    'Writes one file about everything that was audited of an executor, or about one job: the logs ' +
    'that it follows from, so that anybody can work it out again offline (nexus verify). The ' +
    'transcripts that are kept here are in it sealed; with --open whoever has the file can read them.',
  flags: {
    out: { type: 'string', short: 'o', value: 'file', help: 'where to write it; - for stdout' },
    open: { type: 'boolean', help: 'show the transcripts that are kept here to every reader' },
    ...NETWORK_FLAGS,
  },
  positionals: [{
    name: 'executor|job',
    required: true,
    help: 'a key or id, or its first eight digits',
  }],
  examples: [
    { command: 'nexus evidence 3505efd3', does: 'about an executor, to 3505efd3.evidence' },
    { command: 'nexus evidence 3505efd3 -o cheat.evidence', does: 'to another file' },
    { command: 'nexus verify 3505efd3.evidence', does: 'check it' },
  ],
  async run({ flags, positionals, out, signal }) {
    const context = await openContext(flags);
    const wish = { roles: new Set<never>(), models: [], mesh: false, announce: false };
    const query = { about: positionals[0]!, open: flags.open };
    const options = await nodeOptions(context, wish);
    const { text, about, epoch, audits, openings, isCheat } = await evidenceOfHome(
      options,
      query,
      signal,
    );
    const key = 'executor' in about ? about.executor : about.job;
    const path = flags.out ?? `${key.slice(0, 8)}.evidence`;
    if (path === '-') return await out.answer(text);
    await write(path, text);
    const fields = { path, about, epoch, audits, openings, cheat: isCheat, bytes: text.length };
    await out.event({ event: 'evidence', ...fields });
    await out.result(path);
    const whom = 'executor' in about ? `executor ${short(key)}` : `job ${short(key)}`;
    const what = isCheat ? 'a proven cheat' : counted(audits, 'answer');
    await out.note(
      `${whom}: ${what}, up to cut ${epoch}; ${counted(openings, 'transcript')}` +
        (openings > 0 ? flags.open ? ', open to every reader' : ', sealed' : ''),
    );
  },
});

async function write(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text, { mode: 0o600 });
  } catch (cause) {
    throw new NexusError('EVIDENCE_NOT_WRITTEN', `cannot write ${path}`, {
      hint: 'name another file: -o <file>',
      cause,
    });
  }
}
