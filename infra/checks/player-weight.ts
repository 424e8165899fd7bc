import { gzipSync } from 'node:zlib';

/** Bytes after gzip -9 that a file of the player may have, and why so many. */
export const PLAYER_BUDGETS = {
  /** Element and first controls: stands before the first picture. */
  'openair-player.js': 16_000,
  /** hls.js, built small (player/small-hls.mjs). */
  'engine.js': 150_000,
  /** Menus, captions, previews, statistics: after the first picture. */
  'extras.js': 20_000,
  /** Element and engine in one, for our own watch page. */
  'openair-first.js': 165_000,
  /** livekit-client: only for who asks for the lowest delay. */
  'seats.js': 160_000,
  'openair-embed-api.js': 2_000,
} as const;

/** The embed page has no other script: element, engine and extras together. */
const EMBED_BUDGET = 200_000;
const EMBED_FILES = ['openair-player.js', 'engine.js', 'extras.js'];

/** @returns a problem a line; prints what each file weighs */
export function weighPlayer(files: readonly { path: string; text: string }[]): string[] {
  const sizes = new Map(
    files.map(({ path, text }) => [path.split('/').at(-1) ?? path, gzipSync(text, { level: 9 }).length]),
  );
  const problems: string[] = [];
  for (const [name, budget] of Object.entries(PLAYER_BUDGETS)) {
    const size = sizes.get(name);
    if (size === undefined) problems.push(`${name} was not made`);
    else if (size > budget) problems.push(`${name}: ${size} bytes gzip, at most ${budget}`);
    console.log(`       ${String(size ?? 0).padStart(7)} of ${budget} ${name}`);
  }
  for (const name of sizes.keys()) if (!(name in PLAYER_BUDGETS)) problems.push(`${name} has no budget`);
  const embed = EMBED_FILES.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  if (embed > EMBED_BUDGET) problems.push(`the embed page: ${embed} bytes gzip in all, at most ${EMBED_BUDGET}`);
  return problems;
}
