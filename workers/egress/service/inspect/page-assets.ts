import { createHash } from 'node:crypto';

const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** Light and dark as the system wants it; figures in columns. */
export const STYLE = `
:root{--ink:#15181d;--paper:#f7f8fa;--card:#fff;--line:#dfe3e8;--quiet:#5b6472;--good:#12723f;--bad:#b3261e;--link:#1d4fd8}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebf0;--paper:#0f1216;--card:#171b21;--line:#2a313a;--quiet:#98a2b0;--good:#5fd391;--bad:#ff8a80;--link:#8fb4ff}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:72rem;margin:0 auto;padding:1.5rem}h1{font-size:1.4rem;margin:.25rem 0 1rem;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:1.75rem 0 .5rem}
a{color:var(--link)}figure{margin:0;max-width:30rem}img{display:block;width:100%;min-height:4rem;background:var(--line);border-radius:.5rem}
img.missing{opacity:.35}figcaption{font-size:.85rem;margin-top:.25rem}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.5rem;margin:0}dl div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.5rem .75rem}
dt{color:var(--quiet);font-size:.85rem}dd{margin:0;overflow-wrap:anywhere}.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line)}th,td{padding:.4rem .75rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--quiet);font-weight:500;font-size:.85rem;white-space:nowrap}.good{color:var(--good)}.bad{color:var(--bad)}.quiet{color:var(--quiet)}
`;

/** Fetches the marked part anew each second, and the picture when the one before has arrived. A page that is not looked at rests. */
export const REFRESH_SCRIPT = `
const part=document.querySelector('[data-refresh]'),picture=document.querySelector('[data-picture]');
const wait=(ms)=>new Promise((done)=>setTimeout(done,ms));
async function refresh(){for(;;){await wait(1000);if(document.hidden)continue;
try{const answer=await fetch(part.dataset.refresh);const text=await answer.text();
if(part.dataset.refresh==='/inspect'){const next=new DOMParser().parseFromString(text,'text/html').querySelector('main');if(next)part.innerHTML=next.innerHTML}
else if(answer.ok)part.innerHTML=text;else part.innerHTML='<p class="bad" role="status">This egress has ended.</p>'}
catch{part.classList.add('quiet')}}}
async function look(){for(;;){await wait(1000);if(document.hidden)continue;
await new Promise((done)=>{const next=new Image();next.onload=()=>{picture.src=next.src;picture.classList.remove('missing');done()};
next.onerror=()=>{picture.classList.add('missing');done()};next.src=picture.dataset.picture+'?'+Date.now()})}}
if(part)refresh();if(picture)look();
`;

export const STYLE_HASH = hashOf(STYLE);
export const SCRIPT_HASH = hashOf(REFRESH_SCRIPT);
