// biome-ignore format: a word list reads best in rows
const FIRST = [
  'Amber', 'Brisk', 'Calm', 'Clever', 'Copper', 'Coral', 'Crisp', 'Dapper', 'Eager', 'Early', 'Fair', 'Gentle',
  'Golden', 'Happy', 'Hazel', 'Indigo', 'Ivory', 'Jolly', 'Keen', 'Lively', 'Lucky', 'Mellow', 'Merry', 'Misty',
  'Noble', 'Olive', 'Patient', 'Quick', 'Quiet', 'Rapid', 'Ruby', 'Sandy', 'Silver', 'Sunny', 'Swift', 'Teal',
  'Tidy', 'Velvet', 'Warm', 'Witty',
];
// biome-ignore format: a word list reads best in rows
const SECOND = [
  'Badger', 'Beaver', 'Bison', 'Cedar', 'Comet', 'Crane', 'Curlew', 'Dolphin', 'Falcon', 'Finch', 'Fox', 'Gecko',
  'Heron', 'Ibis', 'Jackdaw', 'Kestrel', 'Koala', 'Lark', 'Lemur', 'Lynx', 'Magpie', 'Marten', 'Narwhal', 'Newt',
  'Ocelot', 'Orca', 'Osprey', 'Otter', 'Panda', 'Plover', 'Puffin', 'Raven', 'Robin', 'Seal', 'Sparrow', 'Stork',
  'Tern', 'Toucan', 'Walrus', 'Wren',
];

/** A name for somebody who gave none: "Calm Otter 27". The same id gives the same name. */
export function makeGuestName(guestId: string): string {
  let hash = 2166136261; // FNV-1a, 32 bits
  for (const letter of guestId) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16777619) >>> 0;
  const first = FIRST[hash % FIRST.length];
  const second = SECOND[Math.floor(hash / FIRST.length) % SECOND.length];
  return `${first} ${second} ${10 + (Math.floor(hash / (FIRST.length * SECOND.length)) % 90)}`;
}
