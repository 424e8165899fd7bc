import { Agent, get } from 'node:http';
import type { Install } from '../lib/install.ts';

/** Viewers without a picture: they follow the playlists as low-latency players do and throw the parts away. */
export type Viewers = { parts(): number; stop(): void };

/** @param count viewers, each with video and audio: about 20 requests a second (performance.md section 5) */
export function startViewers(install: Install, playbackId: string, rendition: string, count: number): Viewers {
  const { OPENAIR_PLAYBACK_URL = '' } = install.env;
  const base = `${OPENAIR_PLAYBACK_URL}/play/${playbackId}`;
  const agent = new Agent({ keepAlive: true, maxSockets: count * 4 });
  let stopped = false;
  let parts = 0;

  const fetchText = (url: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      get(url, { agent }, (answer) => {
        let text = '';
        answer.setEncoding('latin1');
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('error', reject);
      }).on('error', reject);
    });

  async function follow(name: string): Promise<void> {
    let seen = '';
    let next = '';
    while (!stopped) {
      try {
        const { status, text } = await fetchText(`${base}/${name}/media.m3u8${next}`);
        if (status !== 200) throw new Error(String(status));
        const uris = [...text.matchAll(/#EXT-X-PART:[^\n]*URI="([^"]+)"/g)].map(([, uri]) => uri ?? '');
        const fresh = uris.slice(uris.indexOf(seen) + 1).slice(seen ? 0 : -1);
        for (const uri of fresh) {
          await fetchText(new URL(uri, `${base}/${name}/media.m3u8`).href);
          parts++;
        }
        seen = uris.at(-1) ?? seen;
        const [, msn, part] =
          /(\d+)\.(\d+)\.m4s/.exec(/#EXT-X-PRELOAD-HINT:[^\n]*URI="([^"]+)"/.exec(text)?.[1] ?? '') ?? [];
        next = msn === undefined ? '' : `?_HLS_msn=${msn}&_HLS_part=${part}`;
      } catch {
        if (!stopped) await new Promise((resolve) => setTimeout(resolve, 300));
      }
    }
  }

  for (let at = 0; at < count; at++) for (const name of [rendition, 'audio']) void follow(name);
  return {
    parts: () => parts,
    stop() {
      stopped = true;
      agent.destroy();
    },
  };
}
