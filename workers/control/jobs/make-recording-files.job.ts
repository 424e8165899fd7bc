import { z } from 'zod';

/** Make the files of a closed recording: MP4 and sound alone. Version 1. */
export const MakeRecordingFilesJob = z.strictObject({ broadcastId: z.string() });
