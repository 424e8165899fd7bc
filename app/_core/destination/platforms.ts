export const DESTINATION_KINDS = ['custom', 'youtube', 'twitch', 'facebook', 'srt'] as const;
export type DestinationKind = (typeof DESTINATION_KINDS)[number];

/** Where each platform takes the stream, and what people call it. Encrypted where the platform offers it. */
export const PLATFORMS: Record<DestinationKind, { name: string; url: string | null }> = {
  custom: { name: 'Custom RTMP', url: null },
  youtube: { name: 'YouTube', url: 'rtmps://a.rtmps.youtube.com/live2' },
  twitch: { name: 'Twitch', url: 'rtmps://ingest.global-contribute.live-video.net/app' },
  facebook: { name: 'Facebook', url: 'rtmps://live-api-s.facebook.com:443/rtmp' },
  srt: { name: 'Custom SRT', url: null },
};
