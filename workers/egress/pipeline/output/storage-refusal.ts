/** What S3 answers when the next try would be answered alike. */
const SENTENCES: Record<string, (bucket: string) => string> = {
  NoSuchBucket: (bucket) => `The bucket "${bucket}" does not exist.`,
  InvalidBucketName: (bucket) => `"${bucket}" cannot be the name of a bucket.`,
  InvalidAccessKeyId: () => 'The storage does not know the access key.',
  SignatureDoesNotMatch: () => 'The storage refuses the secret key.',
  AccessDenied: (bucket) => `The storage does not let this access key write into the bucket "${bucket}".`,
  AllAccessDisabled: (bucket) => `The storage does not let this access key write into the bucket "${bucket}".`,
  AccountProblem: () => 'The storage refuses the account of the access key.',
  InvalidToken: () => 'The storage refuses the session token.',
  InvalidTokenId: () => 'The storage refuses the session token.',
  ExpiredToken: () => 'The session token for the storage has expired.',
};

/**
 * Why storage refuses for good, in a person's words that hold no key.
 * @returns null when it is merely away, or said something unknown: then it is worth another try
 */
export function refusalOf(error: unknown, { bucket, endpoint }: { bucket: string; endpoint: string }): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const sentence = Object.hasOwn(SENTENCES, code) ? SENTENCES[code]?.(bucket) : undefined;
  if (sentence === undefined) return null;
  const host = URL.canParse(endpoint) ? new URL(endpoint).host : endpoint;
  return `${sentence} (${host} answered ${code}.) Correct the storage settings of the request or of egress.yaml.`;
}
