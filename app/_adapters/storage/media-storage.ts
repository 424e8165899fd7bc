import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Client } from 'minio';
import type { ObjectUpload } from '#core/playback/mp4/part-sink';
import type { MediaStorage, StoredObject } from '#core/recording/media-storage';
import { AppError } from '#core/shared/app-error';

export type StorageSettings = {
  /** Origin of the S3 service: `http://127.0.0.1:8810`. */
  endpoint: string;
  accessKey: string;
  secretKey: string;
  bucket: string;
  region: string;
  /** Longest wait for one object, ms. */
  timeoutMs?: number;
};

const TIMEOUT_MS = 5000;
/** A part of several MiB, or the joining of all of them. */
const UPLOAD_TIMEOUT_MS = 60_000;
/** A show of eight hours is a hundred pages. */
const LIST_TIMEOUT_MS = 60_000;
const MAX_SOCKETS = 64;
const REMOVE_BATCH = 1000;

const ABSENT = new Set(['NoSuchKey', 'NotFound', 'NoSuchBucket', 'NoSuchUpload']);
const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ABSENT.has(String(error.code));

function storageError(cause: unknown): AppError {
  const detail = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new AppError('storage-unavailable', { blame: 'operator', retry: 'with-back-off', detail, cause });
}

/** Media in any S3 service. Gives up on an answer after `timeoutMs`, so that a hanging store holds no request. */
export function createS3MediaStorage(settings: StorageSettings): MediaStorage & { ensureBucket(): Promise<void> } {
  const { bucket, timeoutMs = TIMEOUT_MS } = settings;
  const address = new URL(settings.endpoint);
  const secure = address.protocol === 'https:';
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: timeoutMs };
  const agent = secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  let made: Promise<Client> | undefined;
  /** The library is loaded with the first question: it would be half of a media origin's start, which seldom asks. */
  function open(): Promise<Client> {
    made ??= import('minio').then(
      (minio) =>
        new minio.Client({
          endPoint: address.hostname,
          port: address.port ? Number(address.port) : secure ? 443 : 80,
          useSSL: secure,
          accessKey: settings.accessKey,
          secretKey: settings.secretKey,
          region: settings.region,
          pathStyle: true,
          transportAgent: agent,
          retryOptions: { maximumRetryCount: 0, disableRetry: true },
        }),
    );
    return made;
  }

  /** One call with its time limit; absence is null, all else our error. */
  async function asked<T>(
    call: (client: Client, signal: AbortSignal) => Promise<T>,
    limitMs = timeoutMs,
  ): Promise<T | null> {
    const signal = AbortSignal.timeout(limitMs);
    let onTimeout = () => {};
    const late = new Promise<never>((_resolve, reject) => {
      onTimeout = () => reject(new Error(`no answer within ${limitMs} ms`));
      signal.addEventListener('abort', onTimeout, { once: true });
    });
    try {
      return await Promise.race([open().then((client) => call(client, signal)), late]);
    } catch (error) {
      if (isAbsent(error)) return null;
      throw storageError(error);
    } finally {
      signal.removeEventListener('abort', onTimeout);
    }
  }

  async function read(
    client: Client,
    key: string,
    range: { start: number; end: number } | undefined,
    signal: AbortSignal,
  ) {
    const stream = range
      ? await client.getPartialObject(bucket, key, range.start, range.end - range.start + 1)
      : await client.getObject(bucket, key);
    signal.addEventListener('abort', () => stream.destroy(), { once: true });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  async function readList(client: Client, prefix: string, deep: boolean, signal: AbortSignal): Promise<StoredObject[]> {
    const stream = client.listObjectsV2(bucket, prefix, deep);
    signal.addEventListener('abort', () => stream.destroy(), { once: true });
    const found: StoredObject[] = [];
    for await (const item of stream) {
      const { name, prefix: folder, size = 0 } = item as { name?: string; prefix?: string; size?: number };
      const key = name ?? folder;
      if (key) found.push({ key, size });
    }
    return found;
  }

  /** As `asked`, for calls whose absent answer is a failure. */
  async function done<T>(call: (client: Client) => Promise<T>): Promise<T> {
    const answer = await asked(call, UPLOAD_TIMEOUT_MS);
    if (answer === null) throw storageError(new Error(`bucket ${bucket} or the upload does not exist`));
    return answer;
  }

  async function beginUpload(key: string, contentType: string): Promise<ObjectUpload> {
    // A store that cannot list them keeps them: that costs room, not the recording.
    await removeUnfinished(key).catch(() => {});
    const id = await done((client) => client.initiateNewMultipartUpload(bucket, key, { 'content-type': contentType }));
    const etags = new Map<number, string>();
    return {
      async part(number, bytes) {
        const where = { bucketName: bucket, objectName: key, sourceObj: '', uploadID: id, partNumber: number };
        const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const headers = { 'content-length': String(body.length) };
        const { etag } = await done((client) => client.uploadPart({ ...where, headers }, body));
        etags.set(number, etag);
      },
      async complete() {
        const parts = [...etags].sort(([a], [b]) => a - b).map(([part, etag]) => ({ part, etag }));
        await done((client) => client.completeMultipartUpload(bucket, key, id, parts));
      },
      abort: () => cancel(key, id),
    };
  }
  async function removeUnfinished(key: string): Promise<void> {
    const find = () => asked((client) => client.findUploadId(bucket, key));
    for (let stale = await find(); stale; stale = await find()) await cancel(key, stale);
  }
  async function cancel(key: string, id: string): Promise<void> {
    await asked((client) => client.abortMultipartUpload(bucket, key, id));
  }

  return {
    async ensureBucket() {
      const exists = await asked((client) => client.bucketExists(bucket));
      if (!exists) await asked((client) => client.makeBucket(bucket, settings.region));
    },
    async put(key, body, contentType) {
      const done = await asked((client) =>
        client.putObject(bucket, key, Buffer.from(body.buffer, body.byteOffset, body.byteLength), body.byteLength, {
          'content-type': contentType,
        }),
      );
      if (done === null) throw storageError(new Error(`bucket ${bucket} does not exist`));
    },
    get: (key, range) => asked((client, signal) => read(client, key, range, signal)),
    async head(key) {
      const found = await asked((client) => client.statObject(bucket, key));
      return found && { key, size: found.size };
    },
    list: async (prefix, how) => {
      const deep = !how?.shallow;
      return (
        (await asked((client, signal) => readList(client, prefix, deep, signal), deep ? LIST_TIMEOUT_MS : timeoutMs)) ??
        []
      );
    },
    upload: beginUpload,
    async remove(keys) {
      for (let i = 0; i < keys.length; i += REMOVE_BATCH) {
        await asked((client) => client.removeObjects(bucket, keys.slice(i, i + REMOVE_BATCH)));
      }
    },
  };
}
