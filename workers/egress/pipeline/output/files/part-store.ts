import type { Client } from 'minio';
import type { ObjectUpload, PartStore } from '#core/playback/mp4/part-sink';
import { inTime } from '../../../in-time.ts';
import { openBucket, openClient, type S3Plan, SILENT } from '../s3.ts';

/** A part of several MiB, or the joining of all of them. */
const LIMIT_MS = 60_000;

/** A large object of a request's storage, written in parts. Asks for nothing but the right to write. */
export function openPartStore(plan: S3Plan, key: string, type: string): PartStore {
  const client = openClient(plan);
  const headers = { 'Content-Type': type, ...plan.headers };
  return {
    put: (bytes) => openBucket(plan).put(key, view(bytes), { 'Content-Type': type }),
    begin: async () => beginUpload(client, plan.bucket, key, headers),
  };
}

const view = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

async function beginUpload(
  client: Client,
  bucket: string,
  key: string,
  headers: Record<string, string>,
): Promise<ObjectUpload> {
  const id = await inTime(client.initiateNewMultipartUpload(bucket, key, headers), LIMIT_MS, SILENT);
  const etags = new Map<number, string>();
  return {
    async part(number, bytes) {
      const where = { bucketName: bucket, objectName: key, sourceObj: '', uploadID: id, partNumber: number };
      const body = view(bytes);
      const sized = { 'content-length': String(body.length) };
      const { etag } = await inTime(client.uploadPart({ ...where, headers: sized }, body), LIMIT_MS, SILENT);
      etags.set(number, etag);
    },
    async complete() {
      const parts = [...etags].sort(([a], [b]) => a - b).map(([part, etag]) => ({ part, etag }));
      await inTime(client.completeMultipartUpload(bucket, key, id, parts), LIMIT_MS, SILENT);
    },
    async abort() {
      // Not allowed to everybody who may write: the store's own rules remove unfinished uploads then.
      await inTime(client.abortMultipartUpload(bucket, key, id), LIMIT_MS, SILENT).catch(() => {});
    },
  };
}
