/** Answer of `GET /api/v1/health`. */
export type Health = { ok: boolean; parts: Record<string, { ok: boolean; detail: string }> };

/** Parts by words in their names: the health answer may grow finer names (`egress-worker`, `postgres`) without losing its fix. */
const FIXES = {
  database: /postgres|database/,
  redis: /redis|bus/,
  storage: /storage|s3|minio/,
  livekit: /livekit/,
  egress: /egress/,
  ingest: /ingest|ingress|rtmp|whip/,
  playback: /playback/,
  realtime: /realtime/,
  control: /control|jobs/,
  turn: /turn/,
} as const;

export type Fix = keyof typeof FIXES | 'other';

/** Key of `studio.admin.fixes` for a part that does not work. */
export function fixFor(part: string): Fix {
  const keys = Object.keys(FIXES).filter((key): key is keyof typeof FIXES => key in FIXES);
  return keys.find((key) => FIXES[key].test(part.toLowerCase())) ?? 'other';
}

/** Parts in the order they are read: what does not work first, then by name. */
export function sortParts(parts: Health['parts']): { name: string; ok: boolean; detail: string }[] {
  return Object.entries(parts)
    .map(([name, part]) => ({ name, ...part }))
    .sort((a, b) => Number(a.ok) - Number(b.ok) || a.name.localeCompare(b.name));
}
