import { z } from 'zod';

/** Look at what a webhook hints at. Version 1. */
export const ProcessWebhookJob = z.strictObject({ eventId: z.string() });
