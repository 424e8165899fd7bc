/** The look of the extras; custom properties and parts are those of element/style.ts. */
export const EXTRAS_STYLE = `
.panel { position: absolute; inset-block-end: 56px; inset-inline-end: 8px; z-index: 3; box-sizing: border-box; width: 300px; max-width: calc(100% - 16px); max-height: calc(100% - 64px); overflow: auto; overscroll-behavior: contain;
  background: var(--openair-panel, rgb(20 23 27 / .96)); border: 1px solid rgb(255 255 255 / .16); border-radius: 10px; box-shadow: 0 8px 24px rgb(0 0 0 / .5); font-size: 14px; padding: 4px 12px 12px; }
.panel.stats { inset-block: 8px auto; inset-inline: 8px auto; width: 340px; font-variant-numeric: tabular-nums; font-size: 13px; }
.panel.help { width: 380px; }
.head { display: flex; align-items: center; justify-content: space-between; }
.heading { margin: 0; font-size: 14px; font-weight: 600; }
.rows { display: flex; flex-direction: column; }
.setting { display: flex; align-items: center; justify-content: space-between; gap: 12px; min-height: 40px; cursor: pointer; }
select { background: rgb(255 255 255 / .12); border: 1px solid rgb(255 255 255 / .2); border-radius: 6px; height: 32px; padding: 0 6px; max-width: 60%; cursor: pointer; font-size: 13px; }
select option { color: #111; background: #fff; }
input[type=checkbox] { width: 20px; height: 20px; accent-color: var(--accent); }
.hint { margin: 0 0 8px; font-size: 13px; color: #c2c9d1; text-wrap: balance; }
.look summary { min-height: 40px; display: flex; align-items: center; cursor: pointer; }
.more { display: flex; gap: 8px; margin-block-start: 8px; border-block-start: 1px solid rgb(255 255 255 / .16); padding-block-start: 8px; }
.link { background: rgb(255 255 255 / .12); flex: 1; font-size: 13px; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; margin: 0; }
dt { color: #c2c9d1; } dd { margin: 0; overflow-wrap: anywhere; }
.keys dt { display: flex; gap: 4px; }
kbd { font: inherit; font-size: 12px; border: 1px solid rgb(255 255 255 / .35); border-radius: 4px; padding: 0 6px; min-width: 10px; text-align: center; }
button[aria-pressed=true] { box-shadow: inset 0 -3px var(--accent); }
.captions { position: absolute; inset-inline: 0; inset-block: 12px 76px; pointer-events: none; display: flex; flex-direction: column; justify-content: flex-end; align-items: center; gap: 4px; transition: inset-block-end .12s ease-out; }
:host([quiet]) .captions { inset-block-end: 24px; }
.cue { max-width: 86%; padding: 2px 10px; border-radius: 4px; text-align: center; white-space: pre-line; font: 500 calc(clamp(14px, 3.2cqw, 40px) * var(--caption-size, 1)) / 1.35 var(--caption-font, system-ui, sans-serif);
  color: var(--caption-color, #fff); background: var(--caption-backdrop, rgb(0 0 0 / .75)); text-shadow: var(--caption-edge, none); }
.cue:empty { display: none; }
.cue.top { order: -1; margin-block-end: auto; }
.preview { position: absolute; inset-block-end: 84px; z-index: 2; pointer-events: none; border-radius: 6px; overflow: hidden; background: #000; border: 1px solid rgb(255 255 255 / .3); text-align: center; }
.preview-picture { background-repeat: no-repeat; }
.preview-time { font-size: 12px; padding: 2px 8px; font-variant-numeric: tabular-nums; }
.position, .volume { direction: ltr; }
@container (max-width: 420px) { .panel, .panel.help, .panel.stats { inset: auto 4px 4px 4px; width: auto; max-width: none; max-height: calc(100% - 8px); } }
@container (max-width: 340px) { .tools button[data-wide] { display: none; } }
@media (prefers-reduced-motion: reduce) { .captions { transition: none; } }
@media (prefers-contrast: more) { .panel { background: #000; border-color: #fff; } }
@media (forced-colors: active) { .panel, .cue, .preview { background: Canvas; color: CanvasText; border: 1px solid CanvasText; } }
`;
