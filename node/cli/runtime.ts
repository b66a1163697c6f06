/** The Node binary that the launcher runs on; undefined where it was not used. */
export function nodeBinary(): string | undefined {
  return Deno.env.get('NEXUS_NODE') || undefined;
}
