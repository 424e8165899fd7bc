import type { StoragePlan } from '../../plan.ts';
import { openBucket } from './s3.ts';
import type { Bucket } from './storage.ts';
import { refusalOf } from './storage-refusal.ts';

export type StorageTrouble = {
  /** An object went to the backup storage. */
  onBackup(): void;
  /** Storage refuses for good, and has never taken anything. Told once, in a person's words. */
  onRefused(sentence: string): void;
};

/** So long the backup alone is written to after a failure: a storage that hangs would hold every object up. */
const REST_MS = 10_000;

/**
 * The bucket of an output, with the backup behind it: what the first one does not take goes there, and after a rest the first one is
 * tried again.
 */
export function openPlanBucket(
  plan: StoragePlan,
  trouble: StorageTrouble,
  open: (plan: StoragePlan) => Bucket = openBucket,
  now = () => performance.now(),
): Bucket {
  const first = open(plan);
  const backup = plan.backup ? open(plan.backup) : null;
  let taken = false;
  let told = false;
  let restUntil = Number.NEGATIVE_INFINITY;

  async function putFirst(...object: Parameters<Bucket['put']>): Promise<void> {
    try {
      await first.put(...object);
      taken = true;
    } catch (error) {
      const refusal = taken || told || backup ? null : refusalOf(error, plan);
      if (refusal !== null) {
        told = true;
        trouble.onRefused(refusal);
      }
      throw error;
    }
  }

  async function put(...object: Parameters<Bucket['put']>): Promise<void> {
    if (!backup) return putFirst(...object);
    if (now() >= restUntil) {
      try {
        return await putFirst(...object);
      } catch {
        restUntil = now() + REST_MS;
      }
    }
    await backup.put(...object);
    trouble.onBackup();
  }

  async function get(key: string): Promise<Buffer | null> {
    if (!backup) return first.get(key);
    return (await first.get(key).catch(() => null)) ?? backup.get(key);
  }

  return {
    put,
    get,
    get refuses() {
      return told;
    },
  };
}
