import type { EgressInfo, StreamOutput } from '@livekit/protocol';
import { redactPushUrl } from './push-url.ts';
import type { WireRequest } from './start-request.ts';
import type { Upload } from './wish.ts';

const mask = (value: string, name: string) => (value === '' ? '' : `{${name}}`);

function redactUpload(upload: Upload | undefined): void {
  if (upload?.case === 's3') {
    const s3 = upload.value;
    s3.accessKey = mask(s3.accessKey, 'access_key');
    s3.secret = mask(s3.secret, 'secret');
    s3.sessionToken = mask(s3.sessionToken, 'session_token');
    s3.assumeRoleExternalId = mask(s3.assumeRoleExternalId, 'external_id');
    if (s3.proxy) s3.proxy.password = mask(s3.proxy.password, 'password');
  } else if (upload?.case === 'gcp') {
    upload.value.credentials = mask(upload.value.credentials, 'credentials');
  } else if (upload?.case === 'azure') {
    upload.value.accountName = mask(upload.value.accountName, 'account_name');
    upload.value.accountKey = mask(upload.value.accountKey, 'account_key');
  } else if (upload?.case === 'aliOSS') {
    upload.value.accessKey = mask(upload.value.accessKey, 'access_key');
    upload.value.secret = mask(upload.value.secret, 'secret');
  }
}

function redactStream(stream: StreamOutput): void {
  stream.urls = stream.urls.map(redactPushUrl);
}

type V1 = {
  output?: { case: string | undefined; value?: unknown };
  fileOutputs: { output: Upload }[];
  streamOutputs: StreamOutput[];
  segmentOutputs: { output: Upload }[];
  imageOutputs: { output: Upload }[];
};

function redactV1<T extends V1>(value: T): T {
  const { output } = value;
  if (output?.case === 'stream') redactStream(output.value as StreamOutput);
  else if (output?.case) redactUpload((output.value as { output: Upload }).output);
  for (const stream of value.streamOutputs) redactStream(stream);
  for (const one of [...value.fileOutputs, ...value.segmentOutputs, ...value.imageOutputs]) redactUpload(one.output);
  return value;
}

/** A page's address may hold a login or a ticket: host and path are shown. */
export function redactPage(url: string): string {
  if (!URL.canParse(url)) return '{...}';
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname}${search ? '?{...}' : ''}`;
}

/** The request as EgressInfo shows it: a copy without stream keys and storage secrets. */
export function redactRequest(request: WireRequest): EgressInfo['request'] {
  switch (request.kind) {
    case 'roomComposite': {
      const value = redactV1(request.value.clone());
      if (value.customBaseUrl) value.customBaseUrl = redactPage(value.customBaseUrl);
      return { case: 'roomComposite', value };
    }
    case 'web': {
      const value = redactV1(request.value.clone());
      value.url = redactPage(value.url);
      return { case: 'web', value };
    }
    case 'participant':
      return { case: 'participant', value: redactV1(request.value.clone()) };
    case 'trackComposite':
      return { case: 'trackComposite', value: redactV1(request.value.clone()) };
    case 'track': {
      const value = request.value.clone();
      const { output } = value;
      if (output.case === 'file') redactUpload(output.value.output);
      else if (output.case === 'websocketUrl') output.value = redactPage(output.value);
      return { case: 'track', value };
    }
    case 'v2': {
      const value = request.value.clone();
      redactUpload(value.storage?.provider);
      const { source } = value;
      if (source.case === 'web') source.value.url = redactPage(source.value.url);
      if (source.case === 'template' && source.value.customBaseUrl) {
        source.value.customBaseUrl = redactPage(source.value.customBaseUrl);
      }
      for (const { storage, config } of value.outputs) {
        redactUpload(storage?.provider);
        if (config.case === 'stream') redactStream(config.value);
        else if (config.case === 'segments' || config.case === 'images') redactUpload(config.value.output);
      }
      return { case: 'egress', value };
    }
    default:
      return { case: undefined };
  }
}
