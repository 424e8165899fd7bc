import { z } from 'zod';

/** Close the stored media of an ended broadcast, so that it plays as a recording. Version 1. */
export const FinalizeRecordingJob = z.strictObject({ broadcastId: z.string() });
