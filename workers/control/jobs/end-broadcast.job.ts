import { z } from 'zod';

/** Close the outputs of a broadcast that is ending. Version 1. */
export const EndBroadcastJob = z.strictObject({ broadcastId: z.string() });
