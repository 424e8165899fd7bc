/** Themed from outside by `--openair-accent`, `--openair-radius`, `--openair-font` and the parts `controls`, `button`, `badge`, `message`,
 * `note`, `action`, `panel`, `caption`. */
export const STYLE = `
:host { display: block; position: relative; aspect-ratio: 16 / 9; background: #08090b; color: #fff; overflow: hidden;
  border-radius: var(--openair-radius, 0); font: 500 14px/1.4 var(--openair-font, system-ui, sans-serif);
  --accent: var(--openair-accent, oklch(0.70 0.13 235)); --on-air: oklch(0.63 0.23 25); container-type: inline-size; }
:host(:fullscreen) { border-radius: 0; aspect-ratio: auto; width: 100%; height: 100%; }
:host([hidden]) { display: none; }
/* A page's own rules for videos ("height: auto" is common) would come before ours. */
::slotted(video) { position: absolute !important; inset: 0 !important; width: 100% !important; height: 100% !important; max-width: none !important; object-fit: contain; background: #08090b; display: block; }
.still { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; pointer-events: none; }
.poster { position: absolute; inset: 0; background: center / cover no-repeat; transition: opacity .2s ease-out; pointer-events: none; }
button, select, input { font: inherit; color: inherit; }
button { background: none; border: 0; min-width: 40px; height: 40px; display: inline-grid; place-items: center; border-radius: 6px; cursor: pointer; padding: 0 8px; }
button:hover { background: rgb(255 255 255 / .14); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.bar { position: absolute; inset: auto 0 0 0; padding: 32px 8px 4px; display: flex; flex-direction: column; gap: 2px;
  background: linear-gradient(transparent, rgb(0 0 0 / .72)); transition: opacity .12s ease-out; }
.row { display: flex; align-items: center; gap: 2px; }
.grow { flex: 1; }
:host([quiet]) .bar { opacity: 0; pointer-events: none; }
:host([quiet]:focus-within) .bar { opacity: 1; pointer-events: auto; }
:host([quiet]) { cursor: none; }
input[type=range] { appearance: none; -webkit-appearance: none; background: none; height: 24px; margin: 0; cursor: pointer; }
input[type=range]::-webkit-slider-runnable-track { height: 4px; border-radius: 2px; background: linear-gradient(to right, var(--fill, var(--accent)) var(--at, 0%), rgb(255 255 255 / .3) var(--at, 0%)); }
input[type=range]::-webkit-slider-thumb { -webkit-appearance: none; width: 14px; height: 14px; margin-top: -5px; border-radius: 50%; background: #fff; }
input[type=range]::-moz-range-track { height: 4px; border-radius: 2px; background: rgb(255 255 255 / .3); }
input[type=range]::-moz-range-progress { height: 4px; border-radius: 2px; background: var(--fill, var(--accent)); }
input[type=range]::-moz-range-thumb { width: 14px; height: 14px; border: 0; border-radius: 50%; background: #fff; }
.position { width: 100%; }
.volume { width: 72px; }
.time { font-variant-numeric: tabular-nums; padding: 0 8px; white-space: nowrap; font-size: 13px; }
.badge { gap: 6px; display: inline-flex; align-items: center; flex: none; white-space: nowrap; font-weight: 700; font-size: 12px; letter-spacing: .04em; padding: 0 10px; }
.badge::before { content: ''; width: 8px; height: 8px; border-radius: 50%; background: #9aa3ad; }
.badge[data-at-edge]::before { background: var(--on-air); }
.badge:not([data-at-edge]) { color: #c9d0d8; }
.tools { display: flex; align-items: center; gap: 2px; }
.centre { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 12px; text-align: center; padding: 16px; pointer-events: none; }
.centre > * { pointer-events: auto; }
.message { max-width: 34em; margin: 0; padding: 10px 16px; border-radius: 10px; background: rgb(8 9 11 / .82); text-wrap: balance; }
.centre button { background: rgb(255 255 255 / .16); padding: 0 18px; height: 44px; font-weight: 600; }
.clock { font-size: clamp(28px, 9cqw, 72px); line-height: 1.1; font-weight: 600; font-variant-numeric: tabular-nums; text-shadow: 0 1px 8px rgb(0 0 0 / .6); }
.note { position: absolute; inset-block-start: 12px; inset-inline: 0; margin-inline: auto; width: fit-content; max-width: calc(100% - 24px); box-sizing: border-box; padding: 6px 14px; border-radius: 999px; background: rgb(8 9 11 / .82); font-size: 13px; text-align: center; text-wrap: balance; z-index: 1; }
.spinner { width: 40px; height: 40px; border-radius: 50%; border: 3px solid rgb(255 255 255 / .25); border-top-color: #fff; animation: turn 1s linear infinite; }
@keyframes turn { to { transform: rotate(1turn); } }
.unmute { position: absolute; inset-block-start: 12px; inset-inline-start: 12px; background: rgb(8 9 11 / .82); height: 44px; padding: 0 14px; gap: 8px; display: inline-flex; align-items: center; font-weight: 600; }
:host([title]:not([title=''])) .unmute { inset-block-start: 48px; }
.title { position: absolute; inset: 0 0 auto 0; padding: 12px 16px 32px; background: linear-gradient(rgb(0 0 0 / .6), transparent); font-weight: 600; pointer-events: none; }
@container (max-width: 720px) { .note { inset-block-start: 64px; } :host([title]:not([title=''])) .note { inset-block-start: 100px; } }
:host([quiet]) .title { opacity: 0; }
[hidden] { display: none !important; }
@container (max-width: 420px) { .volume, .time { display: none; } .icon { min-width: 36px; padding: 0; } }
/* What is said stands above the bar, not under it. */
@container (max-width: 420px) { .centre:has(~ .bar:not([hidden])) { padding: 8px 16px 72px; gap: 6px; } .centre:has(~ .bar:not([hidden])) .spinner { width: 28px; height: 28px; } }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } .spinner { animation-duration: 4s; } }
@media (prefers-contrast: more) { .bar, .message, .note, .unmute { background: #000; } button { border: 1px solid #fff; } }
@media (forced-colors: active) { .bar, .message, .note, .unmute { background: Canvas; color: CanvasText; } input[type=range] { forced-color-adjust: none; } }
`;
