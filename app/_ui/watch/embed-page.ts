export type EmbedPage = {
  lang: string;
  nonce: string;
  autoplay: boolean;
  /** Looked at where its code is made: no viewer. */
  preview?: boolean;
  title: string;
  /** What plays; null shows the text, and looks again by itself. */
  show: { src: string; origin: string; seats?: string } | null;
  text: string;
  link?: { href: string; text: string };
};

/** A page without a show looks again this often. */
const LOOK_AGAIN_S = 20;
/** Loads the page anew only when there is something else to see: whoever reads it with a screen reader is not thrown back to its top. */
const LOOK_AGAIN = `setInterval(()=>fetch(location.href).then(async(a)=>{if(a.redirected||(a.ok&&(await a.text()).includes('<openair'+'-player ')))location.reload()}).catch(()=>{}),${LOOK_AGAIN_S * 1000})`;

const STYLE = `html,body{margin:0;height:100%;background:#08090b;color:#eef1f4;font:500 16px/1.5 system-ui,sans-serif}
openair-player,main{display:block;width:100vw;height:100vh;height:100dvh}
openair-player{aspect-ratio:auto}openair-player video{width:100%;height:100%;display:block;background:#08090b}
main{display:grid;place-content:center;gap:8px;text-align:center;padding:16px;box-sizing:border-box}
main p{margin:0;color:#a9b2bb;font-size:14px}main a{color:#7cc4f5}h1{margin:0;font-size:20px}`;

/** The whole embed page. Every value is escaped; the only scripts are the player's, or the one that waits for a show. */
export function embedPage(page: EmbedPage): string {
  const nonce = escapeHtml(page.nonce);
  const head = [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="robots" content="noindex">',
    `<title>${escapeHtml(page.title)}</title>`,
    `<style nonce="${nonce}">${STYLE}</style>`,
  ];
  if (!page.show) {
    head.push(
      `<noscript><meta http-equiv="refresh" content="${LOOK_AGAIN_S}"></noscript>`,
      `<script nonce="${nonce}">${LOOK_AGAIN}</script>`,
    );
    return whole(page.lang, head, offline(page));
  }
  head.push(
    `<link rel="preconnect" href="${escapeHtml(page.show.origin)}" crossorigin>`,
    `<link rel="modulepreload" href="/player/engine.js" nonce="${nonce}">`,
    `<script type="module" async src="/player/openair-player.js" nonce="${nonce}"></script>`,
  );
  const autoplay = page.autoplay ? ' autoplay' : '';
  const uncounted = page.preview ? ' uncounted' : '';
  const seats = page.show.seats ? ` seats="${escapeHtml(page.show.seats)}"` : '';
  const player = `<openair-player src="${escapeHtml(page.show.src)}" title="${escapeHtml(page.title)}" api muted${autoplay}${uncounted}${seats}><video slot="media" muted playsinline preload="auto"></video></openair-player>`;
  return whole(page.lang, head, player);
}

function offline({ title, text, link }: EmbedPage): string {
  const more = link
    ? `<p><a href="${escapeHtml(link.href)}" target="_blank" rel="noopener">${escapeHtml(link.text)}</a></p>`
    : '';
  return `<main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${more}</main>`;
}

function whole(lang: string, head: readonly string[], body: string): string {
  return `<!doctype html><html lang="${escapeHtml(lang)}"><head>${head.join('')}</head><body>${body}</body></html>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}
