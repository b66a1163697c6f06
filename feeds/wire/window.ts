/** Bytes of one message of a channel, at most. */
export const MAX_MESSAGE = 64 * 1024;

/**
 * What a channel's writer may send before its reader has taken anything: credits come back as the
 * reader takes messages, so that a slow reader holds up its own channel alone.
 */
export const CHANNEL_WINDOW = { messages: 64, bytes: 256 * 1024 } as const;
