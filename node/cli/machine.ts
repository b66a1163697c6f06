import { label } from '../network/mod.ts';

/** How this machine calls itself in member lists and announcements. */
export function machineName(): string {
  try {
    return label(Deno.hostname());
  } catch {
    return 'unnamed';
  }
}
