import type { StoragePlan } from './plan.ts';

/** Object address as EgressInfo and manifests show it; never holds a key. */
export function locationOf(storage: Pick<StoragePlan, 'endpoint' | 'bucket' | 'forcePathStyle'>, key: string): string {
  const endpoint = storage.endpoint.replace(/\/+$/, '');
  if (storage.forcePathStyle) return `${endpoint}/${storage.bucket}/${key}`;
  return endpoint.replace('://', `://${storage.bucket}.`).concat(`/${key}`);
}
