import { z } from 'zod';

/** Words that are, or may become, the first part of an address of ours. A test holds them against the routes. */
export const RESERVED_HANDLES: readonly string[] = [
  'about', 'account', 'admin', 'api', 'app', 'assets', 'auth', 'broadcast', 'broadcasts', 'call', 'calls', 'channel',
  'channels', 'chat', 'dashboard', 'docs', 'download', 'embed', 'explore', 'favicon', 'first-run', 'following', 'health',
  'help', 'home', 'images', 'invite', 'layouts', 'live', 'login', 'logout', 'lounge', 'manifest', 'media', 'metrics',
  'moderation', 'moderator', 'new', 'oembed', 'offline', 'openair', 'play', 'player', 'privacy', 'public', 'recording',
  'recordings', 'robots', 'rtc', 'rules', 'search', 'settings', 'setup', 'sign-in', 'sign-out', 'sign-up', 'sitemap',
  'socket', 'static', 'status', 'studio', 'support', 'terms', 'twirp', 'user', 'users', 'video', 'watch', 'webhooks',
  'whip', 'www',
];

/** A channel's name in addresses: 3 to 32 of a–z, 0–9 and `-`, beginning and ending with a letter or figure. */
export const Handle = z
  .string()
  .trim()
  .toLowerCase()
  .min(3, 'must have at least 3 characters')
  .max(32, 'must have at most 32 characters')
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'may hold a–z, 0–9 and single hyphens inside')
  .refine((handle) => !RESERVED_HANDLES.includes(handle), 'is reserved; choose another');
