/** First and last byte, both counted. */
export type ByteRange = { start: number; end: number };

/** One byte range (RFC 9110 14.2): null = none or several, which may be answered whole; 'unsatisfiable' = past the end. */
export function byteRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null {
  const read = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!read || (read[1] === '' && read[2] === '')) return null;
  const [, first = '', last = ''] = read;
  if (first === '') {
    const suffix = Math.min(Number(last), size);
    return suffix === 0 ? 'unsatisfiable' : { start: size - suffix, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size) return 'unsatisfiable';
  return end < start ? null : { start, end };
}
