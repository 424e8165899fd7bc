/** Whose pages may frame a channel: everyone's, those of a list, nobody's but this site's. */
export type FramedBy = 'all' | 'some' | 'none';

export const framedByOf = (hosts: readonly string[] | null): FramedBy =>
  hosts === null ? 'all' : hosts.length === 0 ? 'none' : 'some';

/** Hosts as a person writes them: one a line, or with commas between; an address that was pasted becomes its host. */
export function readHosts(text: string): string[] {
  return text
    .split(/[\s,;]+/)
    .map((piece) => piece.replace(/^https?:\/\//i, '').replace(/\/+$/, ''))
    .filter((piece) => piece !== '');
}

export const hostsOf = (choice: FramedBy, text: string): string[] | null =>
  choice === 'all' ? null : choice === 'none' ? [] : readHosts(text);
