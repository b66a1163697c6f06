import { NexusError } from '../../feeds/base/mod.ts';

/** Exit codes. */
export const EXIT = {
  done: 0,
  /** Also: nothing could be established. */
  failed: 1,
  usage: 2,
  /** Nobody reachable, and the prompt may not run here. */
  unreachable: 3,
  /** A receipt or an audit does not hold. */
  check: 4,
  interrupted: 130,
} as const;

/** Why a command was told to stop. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exit: number;

  /** @param exit code with which the program ends */
  constructor(message: string, exit: number = EXIT.interrupted) {
    super(message);
    this.exit = exit;
  }
}

const EXIT_OF_CODE: Readonly<Record<string, number>> = {
  USAGE: EXIT.usage,
  SETTING_INVALID: EXIT.usage,
  BAD_REQUEST: EXIT.usage,
  NOBODY_REACHABLE: EXIT.unreachable,
  CHECK_FAILED: EXIT.check,
  INTERRUPTED: EXIT.interrupted,
};

/** The exit code for what a command threw. */
export function exitOf(thrown: unknown): number {
  if (thrown instanceof Interrupted) return thrown.exit;
  if (thrown instanceof NexusError) return EXIT_OF_CODE[thrown.code] ?? EXIT.failed;
  return EXIT.failed;
}
