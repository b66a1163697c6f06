import type { EvidenceLog, EvidenceOpening } from '../../feeds/evidence/mod.ts';
import { gatherEvidence } from '../../node/evidence/mod.ts';
import type { RealMesh } from './world.ts';

/** Evidence as a node gathers it that holds these logs. @param opening by subject */
export function gatherFrom(
  mesh: RealMesh,
  logs: readonly EvidenceLog[],
  about: string,
  opening: (subject: string) => EvidenceOpening | null = () => null,
) {
  const logOf = (key: Uint8Array) => logs.find((log) => log.key === key)!;
  return gatherEvidence({
    keyFolder: null,
    logs: {
      cores: () => Promise.resolve(logs.map(({ key }) => key)),
      head: (key) => Promise.resolve(logOf(key).head!),
      async *read(key) {
        yield* logOf(key).blocks.map((value, index) => ({ index, value }));
      },
    },
    network: mesh.file,
    about,
    opening: ({ id }) => Promise.resolve(opening(id)),
    signal: new AbortController().signal,
  });
}
