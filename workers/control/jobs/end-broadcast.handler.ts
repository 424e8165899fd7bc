import type { Reconciler } from '../reconcilers/reconciler.ts';
import { EndBroadcastJob } from './end-broadcast.job.ts';

/** Ending is what the reconciler does with a record in `ending` (or cancelled): stop its egress, then see it closed. */
export async function handleEndBroadcast(reconciler: Reconciler, data: unknown): Promise<void> {
  await reconciler.lookAt(EndBroadcastJob.parse(data).broadcastId);
}
