import { z } from 'zod';

/** Make the file of an input's recording that is closed. Version 1. */
export const FinishInputJob = z.strictObject({ recordingId: z.string() });
