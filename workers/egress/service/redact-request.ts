import type { EgressInfo, SegmentedFileOutput, StorageConfig, StreamOutput } from '@livekit/protocol';
import { redactPushUrl } from './push-url.ts';
import type { WireRequest } from './start-request.ts';

type Upload = SegmentedFileOutput['output'] | StorageConfig['provider'];

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

/** The request as EgressInfo shows it: a copy without stream keys and storage secrets. */
export function redactRequest(request: WireRequest): EgressInfo['request'] {
  switch (request.kind) {
    case 'roomComposite': {
      const value = request.value.clone();
      const { output } = value;
      if (output.case === 'stream') redactStream(output.value);
      else if (output.case) redactUpload(output.value.output);
      for (const stream of value.streamOutputs) redactStream(stream);
      for (const one of [...value.fileOutputs, ...value.segmentOutputs, ...value.imageOutputs])
        redactUpload(one.output);
      return { case: 'roomComposite', value };
    }
    case 'participant': {
      const value = request.value.clone();
      for (const stream of value.streamOutputs) redactStream(stream);
      for (const one of [...value.fileOutputs, ...value.segmentOutputs, ...value.imageOutputs])
        redactUpload(one.output);
      return { case: 'participant', value };
    }
    case 'v2': {
      const value = request.value.clone();
      redactUpload(value.storage?.provider);
      for (const output of value.outputs) {
        redactUpload(output.storage?.provider);
        const { config } = output;
        if (config.case === 'stream') redactStream(config.value);
        else if (config.case === 'segments' || config.case === 'images') redactUpload(config.value.output);
      }
      return { case: 'egress', value };
    }
    default:
      return { case: undefined };
  }
}
