import type { AliOSSUpload, S3Upload } from '@livekit/protocol';
import { RpcError } from '#bus/rpc-error';
import type { StoragePlan } from '../plan.ts';
import type { Upload } from './wish.ts';

const FOREIGN = { gcp: 'Google Cloud Storage (gcp)', azure: 'Azure Blob Storage (azure)' } as const;
/** S3's own limit for what a client may add to an object. */
const MAX_METADATA_BYTES = 2_048;

function fromS3(s3: S3Upload): StoragePlan {
  if (!s3.bucket) throw new RpcError('invalid_argument', 's3.bucket is missing');
  if (!s3.accessKey || !s3.secret) throw new RpcError('invalid_argument', 's3.access_key and s3.secret are missing');
  for (const [name, value] of [
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
    ...(s3.sessionToken ? { sessionToken: s3.sessionToken } : {}),
    ...headersOf(s3),
  };
}

function headersOf({ metadata, tagging, contentDisposition }: S3Upload): Pick<StoragePlan, 'headers'> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata)) headers[`x-amz-meta-${name.toLowerCase()}`] = value;
  if (tagging) headers['x-amz-tagging'] = tagging;
  if (contentDisposition) headers['Content-Disposition'] = contentDisposition;
  const lines = Object.entries(headers);
  const sound = lines.every(([name, value]) => /^[A-Za-z0-9_-]+$/.test(name) && /^[\x20-\x7e]*$/.test(value));
  const bytes = lines.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (!sound || bytes > MAX_METADATA_BYTES) {
    throw new RpcError(
      'invalid_argument',
      's3.metadata, s3.tagging and s3.content_disposition must be plain ASCII of at most 2 KiB together',
    );
  }
  return lines.length > 0 ? { headers } : {};
}

/** Alibaba's OSS speaks S3 under the bucket's own host name. */
function fromAliOss(oss: AliOSSUpload): StoragePlan {
  for (const [name, value] of [
    ['bucket', oss.bucket],
    ['access_key', oss.accessKey],
    ['secret', oss.secret],
    ['endpoint', oss.endpoint || oss.region],
  ] as const) {
    if (!value) throw new RpcError('invalid_argument', `aliOSS.${name} is missing`);
  }
  const region = oss.region || 'oss-cn-hangzhou';
  const endpoint = oss.endpoint || `https://${region}.aliyuncs.com`;
  const whole = /^https?:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`;
  if (!URL.canParse(whole)) throw new RpcError('invalid_argument', 'aliOSS.endpoint is no address');
  return {
    endpoint: whole,
    region,
    bucket: oss.bucket,
    accessKey: oss.accessKey,
    secretKey: oss.secret,
    forcePathStyle: false,
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
  if (given?.case === 'aliOSS') return fromAliOss(given.value);
  if (given?.case) {
    throw new RpcError('unimplemented', `${FOREIGN[given.case]} is not served; this egress service stores to S3`);
  }
  if (fallback) return fallback;
  throw new RpcError('invalid_argument', 'the request names no storage and egress.yaml has no storage.s3');
}
