import { NexusError } from '../../feeds/base/mod.ts';

export function none(): NexusError {
  return new NexusError('PROOFS_NONE', 'no proofs are made in this network', {
    hint: 'make one whose file names their keys: nexus network new --witness self --prove sample',
  });
}

export function unknown(job: string): NexusError {
  return new NexusError(
    'JOB_UNKNOWN',
    `no answer of this node to ${job.slice(0, 16)} can be proven`,
    {
      hint:
        'its artifact must stand in a cut with a beacon after it, within the challenge window, ' +
        'and be of a job of another node',
    },
  );
}

export function unproven(job: string): NexusError {
  return new NexusError('PROOF_UNKNOWN', `no proof of the answer to ${job.slice(0, 16)} is here`, {
    hint: 'nexus audit lists those that were made; only answers that this node got can be shown',
  });
}

export function twice(): NexusError {
  return new NexusError('PROOF_TWICE', 'the log has a proof of that answer already', {
    hint: 'nexus audit lists it',
  });
}

export function unprovable(): NexusError {
  return new NexusError('PROOF_IMPOSSIBLE', 'the sampling of that answer cannot be proven', {
    hint:
      'it was drawn with top-p, or without keeping candidates: an opening shows it to an auditor',
  });
}
