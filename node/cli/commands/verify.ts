import { NexusError, toHex } from '../../../feeds/base/mod.ts';
import { parseReceipt, type Receipt, verifyReceipt } from '../../../feeds/proof/mod.ts';
import { profileId } from '../../../feeds/records/mod.ts';
import { rerun } from '../../daemon/mod.ts';
import { NETWORK_FLAGS, openContext } from '../context.ts';
import { EXIT } from '../exit.ts';
import type { Output } from '../output.ts';
import { nodeOptions } from '../session.ts';
import { defineCommand } from '../spec.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** `nexus verify` */
export const command = defineCommand({
  name: 'verify',
  summary: 'check a receipt offline',
  description:
    'Checks signatures, log proofs and commitments of a receipt, and says what that establishes and ' +
    'what not. Needs no network. Exits with 4 if a check fails.',
  flags: {
    rerun: { type: 'boolean', help: 'run the model again and compare the tokens' },
    ...NETWORK_FLAGS,
  },
  positionals: [{ name: 'receipt', required: true, help: 'a file, or - for stdin' }],
  examples: [
    { command: 'nexus verify hi.receipt', does: 'check it' },
    { command: 'nexus verify hi.receipt --rerun', does: 'and run the model again' },
  ],
  async run({ flags, positionals, out, signal }) {
    const text = await readReceipt(positionals[0]!);
    let receipt: Receipt;
    try {
      receipt = parseReceipt(text);
    } catch (thrown) {
      await out.event({ event: 'receipt', ok: false });
      await out.error(thrown);
      return EXIT.check;
    }
    const verdict = await verifyReceipt(receipt);
    await out.event({ event: 'receipt', ...verdict });
    for (const { name, ok, detail } of verdict.checks) await check(out, name, ok, detail);
    let ok = verdict.ok;
    if (ok) {
      await list(out, 'This establishes:', verdict.establishes);
      await list(out, 'It does not establish:', verdict.doesNotEstablish);
    }
    if (ok && flags.rerun) {
      if (receipt.opening === null) {
        throw new NexusError('RECEIPT_CLOSED', 'this receipt holds no text to run again', {
          hint: 'ask the requester for the receipt with its text',
        });
      }
      const context = await openContext(flags);
      const wish = { roles: new Set<never>(), models: [], mesh: false, announce: false };
      const result = await rerun(receipt, await nodeOptions(context, wish), signal);
      const profile = toHex(profileId(receipt.opening.profile));
      await out.event({ event: 'rerun', profile, ...result });
      await check(out, 'rerun', result.ok, result.detail);
      ok &&= result.ok;
    }
    await out.result(
      ok
        ? out.resultStyle.green('the receipt holds')
        : out.resultStyle.red('the receipt does not hold'),
    );
    return ok ? EXIT.done : EXIT.check;
  },
});

async function check(out: Output, name: string, ok: boolean, detail: string): Promise<void> {
  const style = out.resultStyle;
  await out.result(`${ok ? style.green('ok    ') : style.red('FAILED')} ${name}: ${detail}`);
}

async function list(out: Output, head: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await out.result(head);
  for (const line of lines) await out.result(`  - ${line}`);
}

async function readReceipt(path: string): Promise<string> {
  try {
    if (path === '-') return await new Response(Deno.stdin.readable).text();
    const { size } = await Deno.stat(path);
    if (size <= MAX_BYTES) return await Deno.readTextFile(path);
  } catch (cause) {
    throw new NexusError('RECEIPT_UNREADABLE', `cannot read ${path}`, {
      hint: 'name the file that `nexus run --receipt` wrote',
      cause,
    });
  }
  throw new NexusError('RECEIPT_TOO_LARGE', `${path} is larger than ${MAX_BYTES} bytes`);
}
