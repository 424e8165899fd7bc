import { describe, expect, test } from 'vitest';
import type { PublicBroadcast } from '#core/broadcast/public-views';
import { embedFrame, oEmbedOf, oEmbedXml, readWatchAddress, sizeWithin } from './oembed.ts';

const PAGES = 'https://live.example';
const channel = { id: 'ch_1', handle: 'night', name: 'Night & <Market>' };
const broadcast: PublicBroadcast = {
  id: 'br_1',
  channel,
  title: 'Opening "night"',
  description: '',
  visibility: 'public',
  state: 'live',
  endReason: null,
  startsAt: null,
  startedAt: '2030-01-01T20:00:00.000Z',
  endedAt: null,
  playbackId: 'pb_1',
  watchUrl: `${PAGES}/night/br_1`,
  playback: { hls: 'https://play.example/play/pb_1/index.m3u8', dash: null },
  audience: 1,
  peakAudience: 1,
  hasRecording: false,
};
const room = { maxWidth: null, maxHeight: null };

describe('oEmbed', () => {
  test('a channel is embedded for good, a broadcast as that one show, with its picture', () => {
    const one = oEmbedOf(PAGES, { channel, broadcast, isFixed: true }, room);
    expect(one).toMatchObject({ type: 'video', version: '1.0', title: 'Opening "night"', width: 1280, height: 720 });
    expect(one.html).toContain('src="https://live.example/embed/night?b=br_1"');
    expect(one.thumbnail_url).toBe('https://play.example/play/pb_1/thumb.jpg');
    const always = oEmbedOf(PAGES, { channel, broadcast: null, isFixed: false }, room);
    expect(always.html).toContain('src="https://live.example/embed/night"');
    expect(always).not.toHaveProperty('thumbnail_url');
  });

  test('what people wrote stays text, in the frame and in XML', () => {
    expect(embedFrame('https://x/embed/a', '"><script>', { width: 1, height: 1 })).not.toContain('<script>');
    const xml = oEmbedXml(oEmbedOf(PAGES, { channel, broadcast, isFixed: true }, room));
    expect(xml).toContain('<author_name>Night &amp; &lt;Market&gt;</author_name>');
    expect(xml).toContain('<html>&lt;iframe src=&quot;https://live.example/embed/night?b=br_1&quot;');
  });

  test.each([
    [null, null, 1280, 720],
    [640, null, 640, 360],
    [null, 180, 320, 180],
    [4000, 4000, 1280, 720],
    [640, 90, 160, 90],
    [0, 0, 1, 1],
  ])('in %s by %s it is %s by %s', (maxWidth, maxHeight, width, height) => {
    expect(sizeWithin(maxWidth, maxHeight)).toEqual({ width, height });
  });

  test.each([
    ['https://live.example/night', { handle: 'night', broadcastId: null }],
    ['https://live.example/Night/', { handle: 'night', broadcastId: null }],
    ['https://live.example/night/br_1?t=4', { handle: 'night', broadcastId: 'br_1' }],
    ['https://evil.example/night', null],
    ['https://live.example.evil.example/night', null],
    ['http://live.example/night', null],
    ['https://live.example/night/br_1/x', null],
    ['https://live.example/', null],
    ['javascript:alert(1)', null],
    ['night', null],
  ])('%s names %o', (address, named) => {
    expect(readWatchAddress(address, PAGES)).toEqual(named);
  });
});
