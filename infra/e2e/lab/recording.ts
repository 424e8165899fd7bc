import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SECONDS = 40;
const stamp = (s: number) => `00:00:${String(s).padStart(2, '0')}.000`;

/** Cues that say which second they belong to. */
const cues = (language: string) =>
  `WEBVTT\n\n${Array.from({ length: SECONDS }, (_, s) => `${stamp(s)} --> ${stamp(s + 1)}\n${language} ${s}\n`).join('\n')}`;

const STORYBOARD = `WEBVTT\n\n${Array.from({ length: 8 }, (_, i) => `${stamp(i * 5)} --> ${stamp(i * 5 + 5)}\nstoryboard-0.jpg#xywh=${(i % 5) * 160},${i < 5 ? 0 : 90},160,90\n`).join('\n')}`;

/**
 * A finished recording as files, with captions in the playlist (English), a file of captions to be loaded beside (German) and a storyboard.
 * @returns its folder, which the caller removes
 */
export function makeRecording(): string {
  const folder = mkdtempSync(join(tmpdir(), 'openair-lab-'));
  const ffmpeg = (...args: string[]) =>
    execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args], { cwd: folder });
  for (const name of ['video', 'audio', 'text']) mkdirSync(join(folder, name));
  const hls = (name: string) => [
    ...['-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4'],
    ...['-hls_segment_filename', `${name}/%d.m4s`, `${name}/media.m3u8`],
  ];
  const length = ['-t', String(SECONDS)];
  ffmpeg(
    ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30', ...length],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60', '-b:v', '200k', ...hls('video')],
  );
  ffmpeg('-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', ...length, '-c:a', 'aac', ...hls('audio'));
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=800x180:rate=1', '-frames:v', '1', 'storyboard-0.jpg');
  writeFileSync(join(folder, 'storyboard.vtt'), STORYBOARD);
  writeFileSync(join(folder, 'de.vtt'), cues('Deutsch'));
  writeFileSync(
    join(folder, 'text/all.vtt'),
    cues('English').replace('WEBVTT\n', 'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n'),
  );
  writeFileSync(
    join(folder, 'text/media.m3u8'),
    `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:${SECONDS}\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:${SECONDS},\nall.vtt\n#EXT-X-ENDLIST\n`,
  );
  writeFileSync(
    join(folder, 'index.m3u8'),
    [
      '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/media.m3u8"',
      '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,URI="text/media.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=400000,CODECS="avc1.42c00d,mp4a.40.2",RESOLUTION=320x180,FRAME-RATE=30,AUDIO="sound",SUBTITLES="text"',
      'video/media.m3u8\n',
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'state'),
    JSON.stringify({ state: 'ended', title: 'A recording', startsAt: null, interrupted: false, playable: true }),
  );
  return folder;
}
