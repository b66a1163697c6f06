import { NexusError } from '../../../feeds/base/mod.ts';
import { EVIDENCE_LIMITS, isEvidence } from '../../../feeds/evidence/mod.ts';
import { NETWORK_FLAGS } from '../context.ts';
import { EXIT } from '../exit.ts';
import { defineCommand } from '../spec.ts';
import { showEvidence } from '../verify_evidence.ts';
import { isProofFile, refuseAccountProof, showProof } from '../verify_proof.ts';
import { showReceipt } from '../verify_receipt.ts';

/** In UTF-8, a character of these files is one byte nearly everywhere. */
const MAX_BYTES = 2 * EVIDENCE_LIMITS.characters;

/** `nexus verify` */
export const command = defineCommand({
  name: 'verify',
  summary: 'check a receipt, evidence or a proof offline',
  description:
    'Checks signatures, log proofs and commitments of a receipt, or replays what a file of evidence ' +
    'holds, or checks a zero-knowledge proof, and says what that establishes and what not. Needs no ' +
    'network; where a node runs, the root of a proof is compared with what the witnesses vouch for. ' +
    'Exits with 4 if a check fails.',
  flags: {
    rerun: { type: 'boolean', help: 'run the model again: compare tokens, or what auditors read' },
    challenge: { type: 'string', value: 'hex', help: 'that a proof of a standing must answer' },
    reputation: { type: 'string', value: 'part', help: 'least that a standing must show: 0.6' },
    bond: { type: 'string', value: 'NCU', help: 'least bond that a standing must show' },
    ...NETWORK_FLAGS,
  },
  positionals: [{
    name: 'file',
    required: true,
    help: 'a receipt, evidence or a proof; - for stdin',
  }],
  examples: [
    { command: 'nexus verify hi.receipt', does: 'check a receipt' },
    { command: 'nexus verify hi.receipt --rerun', does: 'and run the model again' },
    { command: 'nexus verify 3505efd3.evidence', does: 'replay the audits of an executor' },
    { command: 'nexus verify epoch-120.total', does: 'check a proof of what was paid' },
    {
      command: 'nexus verify mine.standing --challenge $CHALLENGE --bond 10',
      does: 'admit who stands so: exit code 0',
    },
  ],
  async run({ flags, positionals, out, signal }) {
    const path = positionals[0]!;
    const text = await readFile(path);
    refuseAccountProof(text, path);
    const show = isEvidence(text) ? showEvidence : isProofFile(text) ? showProof : showReceipt;
    return await show(text, flags, out, signal) ? EXIT.done : EXIT.check;
  },
});

async function readFile(path: string): Promise<string> {
  try {
    if (path === '-') return await new Response(Deno.stdin.readable).text();
    const { size } = await Deno.stat(path);
    if (size <= MAX_BYTES) return await Deno.readTextFile(path);
  } catch (cause) {
    throw new NexusError('RECEIPT_UNREADABLE', `cannot read ${path}`, {
      hint: 'name the file that `nexus run --receipt`, `nexus evidence` or `nexus prove` wrote',
      cause,
    });
  }
  throw new NexusError('RECEIPT_TOO_LARGE', `${path} is larger than ${MAX_BYTES} bytes`);
}
