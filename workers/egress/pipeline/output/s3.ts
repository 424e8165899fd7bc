import type { Readable } from 'node:stream';
import { Client } from 'minio';
import { inTime } from '../../in-time.ts';
import type { StoragePlan } from '../../plan.ts';
import { type Bucket, EPOCH_HEADER } from './storage.ts';

export type S3Plan = Omit<StoragePlan, 'backup'>;

const LIMIT_MS = 10_000;
/** The client gives metadata back without it. */
const META_PREFIX = 'x-amz-meta-';
export const SILENT = 'storage did not answer';

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

/**
 * The bucket of a plan.
 * @param limitMs for each object, its last byte included: a storage that hangs is one that is away
 */
export function openBucket(plan: S3Plan, limitMs = LIMIT_MS): Bucket {
  const client = openClient(plan);
  return {
    async put(key, bytes, headers) {
      const all = { ...headers, ...plan.headers };
      await inTime(client.putObject(plan.bucket, key, bytes, bytes.length, all), limitMs, SILENT);
    },
    async get(key) {
      try {
        return await readAll(() => client.getObject(plan.bucket, key), limitMs);
      } catch (error) {
        if (isAbsent(error)) return null;
        throw error;
      }
    },
    async epochOf(key) {
      try {
        const { metaData } = await inTime(client.statObject(plan.bucket, key), limitMs, SILENT);
        return Number(metaData[EPOCH_HEADER.slice(META_PREFIX.length)]) || 0;
      } catch (error) {
        // A key that may only write is told nothing: its objects are then stored as they come.
        if (isAbsent(error) || hasCode(error, ['AccessDenied', 'Forbidden'])) return 0;
        throw error;
      }
    },
  };
}

const hasCode = (error: unknown, codes: readonly unknown[]) =>
  error instanceof Error && 'code' in error && codes.includes(error.code);
const isAbsent = (error: unknown) => hasCode(error, ['NoSuchKey', 'NotFound']);

/** What is not read by then is let go of: the connection of a storage that stopped in the middle would stay for ever. */
async function readAll(open: () => Promise<Readable>, limitMs: number): Promise<Buffer> {
  const over = new AbortController();
  const read = async () => {
    const stream = await open();
    const letGo = () => void stream.destroy();
    over.signal.addEventListener('abort', letGo);
    if (over.signal.aborted) letGo();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };
  try {
    return await inTime(read(), limitMs, SILENT);
  } finally {
    over.abort();
  }
}
