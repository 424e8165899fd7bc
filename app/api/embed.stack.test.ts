import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

/** The player on other people's pages, as a running install gives it. */
const home = process.env.OPENAIR_TEST_HOME ?? '';
const { url, apiKey } = JSON.parse(readFileSync(path.join(home, 'credentials.json'), 'utf8'));
const handle = `e-${Math.random().toString(36).slice(2, 10)}`;
let id = '';

async function api(method: string, call: string, body?: unknown) {
  const answer = await fetch(`${url}/api/v1${call}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}
beforeAll(async () => {
  await api('POST', '/channels', { handle, name: 'Embedded & <co>' });
  id = (await api('POST', `/channels/${handle}/broadcasts`, { title: 'A show' })).body.id;
});
const oembed = (query: string) => fetch(`${url}/api/oembed?${query}`);

describe('oEmbed', () => {
  test('a watch page names it in its head, and its frame is a page that may be framed', async () => {
    const page = await (await fetch(`${url}/${handle}/${id}`)).text();
    const link = /<link[^>]+type="application\/json\+oembed"[^>]*>/.exec(page)?.[0] ?? '';
    const address = (/href="([^"]+)"/.exec(link)?.[1] ?? '').replaceAll('&amp;', '&');
    const answer = await (await fetch(address)).json();
    expect(answer).toMatchObject({ type: 'video', version: '1.0', title: 'A show', author_name: 'Embedded & <co>' });
    const frame = (/src="([^"]+)"/.exec(answer.html)?.[1] ?? '').replaceAll('&amp;', '&');
    expect(frame).toBe(`${url}/embed/${handle}?b=${id}`);
    const embed = await fetch(frame);
    expect(embed.status).toBe(200);
    expect(embed.headers.get('content-security-policy')).toContain('frame-ancestors *');
    expect(page).toContain('property="og:video"');
    expect(page).toContain('name="twitter:player"');
  });

  test('other formats and addresses are refused as its specification says', async () => {
    const watch = encodeURIComponent(`${url}/${handle}`);
    expect((await oembed(`url=${watch}&format=xml`)).headers.get('content-type')).toContain('text/xml');
    expect((await oembed(`url=${watch}&format=yaml`)).status).toBe(501);
    expect((await oembed(`url=${encodeURIComponent('https://evil.example/x')}`)).status).toBe(404);
    expect((await oembed('')).status).toBe(404);
    const room = await (await oembed(`url=${watch}&maxwidth=320`)).json();
    expect([room.width, room.height]).toEqual([320, 180]);
  });

  test('a show that not everyone may watch is not told of', async () => {
    const closed = (await api('POST', `/channels/${handle}/broadcasts`, { title: 'Closed', visibility: 'members' }))
      .body.id;
    expect((await oembed(`url=${encodeURIComponent(`${url}/${handle}/${closed}`)}`)).status).toBe(404);
  });
});

describe('whose pages may show the player', () => {
  test('the list of the channel is in the policy of its frames, and of nobody else’s', async () => {
    expect((await api('GET', `/channels/${handle}/embed`)).body).toEqual({ hosts: null });
    const set = await api('PUT', `/channels/${handle}/embed`, { hosts: ['Example.org', '*.example.org'] });
    expect(set).toEqual({ status: 200, body: { hosts: ['example.org', '*.example.org'] } });
    const policy = (await fetch(`${url}/embed/${handle}`)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("frame-ancestors 'self' example.org *.example.org");
    expect(policy).toContain("script-src 'self'");
    const page = (await fetch(`${url}/${handle}`)).headers.get('content-security-policy') ?? '';
    expect(page).toContain("frame-ancestors 'self'");
    expect(page).not.toContain('example.org');
    await api('PUT', `/channels/${handle}/embed`, { hosts: null });
    const open = (await fetch(`${url}/embed/${handle}`)).headers.get('content-security-policy') ?? '';
    expect(open).not.toContain('example.org');
  });

  test('what is no host is refused, and the field is named', async () => {
    const answer = await api('PUT', `/channels/${handle}/embed`, { hosts: ['x; script-src *'] });
    expect(answer.status).toBe(400);
    expect(answer.body.error.field).toContain('hosts');
  });
});
