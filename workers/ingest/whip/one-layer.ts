/** Names of sizes that encoders are known to use, the largest first: livekit-client's; OBS and Broadcast Box count instead, the largest being 0. */
const KNOWN_LARGEST = ['f', 'h', 'q'];

/**
 * An answer that takes one size of a picture offered in several (simulcast, RFC 8853): the largest. livekit-server's WHIP endpoint answers that it takes
 * all, but then uses the one whose packet comes first, often the smallest, and drops the others. A browser told so sends the others to nobody,
 * and keeps the bits for the one that counts.
 *
 * Of names that say nothing the first is taken: an offer lists them by preference (RFC 8853, 5.1).
 */
export function takeLargestLayer(answer: string): string {
  const lines = answer.split(/\r?\n/);
  const sections = lines.reduce<string[][]>(
    (done, line) => {
      if (line.startsWith('m=')) done.push([]);
      done.at(-1)?.push(line);
      return done;
    },
    [[]],
  );
  return sections.flatMap(takeLargest).join('\r\n');
}

function takeLargest(section: string[]): string[] {
  const at = section.findIndex((line) => line.startsWith('a=simulcast:recv '));
  if (at === -1) return section;
  const rids = (section[at] ?? '')
    .slice('a=simulcast:recv '.length)
    .split(';')
    .map((rid) => rid.replace(/^~/, ''));
  const largest = KNOWN_LARGEST.find((rid) => rids.includes(rid)) ?? rids[0];
  return section
    .filter((line) => !line.startsWith('a=rid:') || line.startsWith(`a=rid:${largest} `))
    .map((line) => (line.startsWith('a=simulcast:') ? `a=simulcast:recv ${largest}` : line));
}
