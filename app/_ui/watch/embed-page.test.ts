import { expect, test } from 'vitest';
import { embedPage } from './embed-page.ts';

const page = { lang: 'en', nonce: 'bm9uY2U=', autoplay: true, title: 'Show', text: 'Nothing yet.' };
const show = { src: 'http://127.0.0.1:8801/play/pb_1/index.m3u8', origin: 'http://127.0.0.1:8801' };

test('a show is the player and one script with the nonce, nothing else', () => {
  const html = embedPage({ ...page, show });
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).toContain('src="/player/openair-player.js" nonce="bm9uY2U="');
  expect(html).toContain(`<openair-player src="${show.src}"`);
  expect(html).toContain('<video slot="media" muted playsinline');
});

test('a preview of the frame counts nobody', () => {
  expect(embedPage({ ...page, show })).not.toContain(' uncounted');
  expect(embedPage({ ...page, show, preview: true })).toMatch(/<openair-player[^>]* uncounted/);
});

test('a title cannot become part of the page', () => {
  const html = embedPage({ ...page, show, title: `"><script>alert(1)</script><img src=x onerror='x'>` });
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).not.toContain('<img');
});

test('without a show the page says so and looks again', () => {
  const html = embedPage({ ...page, show: null });
  expect(html).toContain('Nothing yet.');
  expect(html).toContain('http-equiv="refresh"');
  expect(html).toContain(`<script nonce="${page.nonce}">`);
  // By this the script knows a page with a show from its own.
  expect(html).not.toContain('<openair-player ');
  expect(embedPage({ ...page, show })).toContain('<openair-player ');
});
