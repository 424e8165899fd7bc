import { z } from 'zod';

/** Start the broadcast's egress, or take over the one that runs. Version 1. */
export const StartEgressJob = z.strictObject({ broadcastId: z.string() });
