import { Client } from 'minio';
import type { StoragePlan } from '../../plan.ts';
import type { Bucket } from './storage.ts';

export type S3Plan = Omit<StoragePlan, 'backup'>;

const PUT_LIMIT_MS = 10_000;

export function openClient(plan: S3Plan): Client {
  const url = new URL(plan.endpoint);
  const secure = url.protocol === 'https:';
  return new Client({
    endPoint: url.hostname,
    port: url.port ? Number(url.port) : secure ? 443 : 80,
    useSSL: secure,
    accessKey: plan.accessKey,
    secretKey: plan.secretKey,
    region: plan.region,
    pathStyle: plan.forcePathStyle,
    sessionToken: plan.sessionToken,
  });
}

const WEEK_S = 7 * 24 * 3600;

/** An address that opens the object for a week, without a key; signed here, nothing is asked. */
export function presign(plan: S3Plan, key: string): Promise<string> {
  return openClient(plan).presignedGetObject(plan.bucket, key, WEEK_S);
}

/** The bucket of a plan; a request that hangs for 10 s has failed. */
export function openBucket(plan: S3Plan): Bucket {
  const client = openClient(plan);
  return {
    async put(key, bytes, headers) {
      await within(
        PUT_LIMIT_MS,
        client.putObject(plan.bucket, key, bytes, bytes.length, { ...headers, ...plan.headers }),
      );
    },
    async get(key) {
      try {
        const stream = await within(PUT_LIMIT_MS, client.getObject(plan.bucket, key));
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks);
      } catch (error) {
        if (error instanceof Error && 'code' in error && (error.code === 'NoSuchKey' || error.code === 'NotFound'))
          return null;
        throw error;
      }
    },
  };
}

/** Fails when there is no answer in time: a storage that hangs is one that is away. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`storage did not answer in ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
