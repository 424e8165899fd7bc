import type { S3Upload, SegmentedFileOutput, StorageConfig } from '@livekit/protocol';
import { RpcError } from '#bus/rpc-error';
import type { StoragePlan } from '../plan.ts';

type Upload = SegmentedFileOutput['output'] | StorageConfig['provider'];

const FOREIGN = { gcp: 'Google Cloud Storage', azure: 'Azure Blob Storage', aliOSS: 'Alibaba OSS' } as const;

function fromS3(s3: S3Upload): StoragePlan {
  if (!s3.bucket) throw new RpcError('invalid_argument', 's3.bucket is missing');
  if (!s3.accessKey || !s3.secret) throw new RpcError('invalid_argument', 's3.access_key and s3.secret are missing');
  for (const [name, value] of [
    ['s3.session_token', s3.sessionToken],
    ['s3.assume_role_arn', s3.assumeRoleArn],
    ['s3.proxy', s3.proxy?.url],
  ] as const) {
    if (value) throw new RpcError('unimplemented', `${name} is not served by this egress service`);
  }
  const region = s3.region || 'us-east-1';
  const endpoint = s3.endpoint || `https://s3.${region}.amazonaws.com`;
  const whole = /^https?:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`;
  if (!URL.canParse(whole)) throw new RpcError('invalid_argument', 's3.endpoint is no address');
  return {
    endpoint: whole,
    region,
    bucket: s3.bucket,
    accessKey: s3.accessKey,
    secretKey: s3.secret,
    forcePathStyle: s3.forcePathStyle,
  };
}

/**
 * The storage of an output: its own, else the request's, else egress.yaml's.
 * @param uploads in the order of preference; those without a case are skipped
 * @throws RpcError `invalid_argument` for a storage we do not speak, or when there is none at all
 */
export function chooseStorage(uploads: Upload[], fallback: StoragePlan | null): StoragePlan {
  const given = uploads.find((upload) => upload.case !== undefined);
  if (given?.case === 's3') return fromS3(given.value);
  if (given?.case) {
    throw new RpcError('invalid_argument', `${FOREIGN[given.case]} is not served; this egress service stores to S3`);
  }
  if (fallback) return fallback;
  throw new RpcError('invalid_argument', 'the request names no storage and egress.yaml has no storage.s3');
}

/** Object address as EgressInfo shows it; never holds a key. */
export function locationOf(storage: StoragePlan, key: string): string {
  const endpoint = storage.endpoint.replace(/\/+$/, '');
  if (storage.forcePathStyle) return `${endpoint}/${storage.bucket}/${key}`;
  return endpoint.replace('://', `://${storage.bucket}.`).concat(`/${key}`);
}
