/** How a viewer wants captions to look; the choices of CEA-708's caption settings that people use. */
export type CaptionStyle = {
  /** Percent of the usual size. */
  size: 75 | 100 | 150 | 200;
  color: 'white' | 'yellow' | 'cyan' | 'green';
  /** Percent of opacity behind the letters. */
  backdrop: 0 | 50 | 75 | 100;
  edge: 'none' | 'shadow' | 'outline';
  font: 'sans' | 'serif' | 'mono';
};

export const CAPTION_CHOICES = {
  size: [75, 100, 150, 200],
  color: ['white', 'yellow', 'cyan', 'green'],
  backdrop: [0, 50, 75, 100],
  edge: ['none', 'shadow', 'outline'],
  font: ['sans', 'serif', 'mono'],
} as const satisfies { [Key in keyof CaptionStyle]: readonly CaptionStyle[Key][] };

export const DEFAULT_CAPTIONS: CaptionStyle = { size: 100, color: 'white', backdrop: 75, edge: 'none', font: 'sans' };

/** Reads what was kept; each choice that is missing or unknown is the usual one. */
export function readCaptionStyle(text: string | null): CaptionStyle {
  let kept: unknown = null;
  try {
    kept = JSON.parse(text ?? '');
  } catch {
    // Nothing was kept, or something else's.
  }
  const style: Record<string, unknown> = { ...DEFAULT_CAPTIONS };
  for (const [name, choices] of Object.entries(CAPTION_CHOICES)) {
    const value = typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>)[name] : undefined;
    if ((choices as readonly unknown[]).includes(value)) style[name] = value;
  }
  return style as CaptionStyle;
}

const COLORS = { white: '#fff', yellow: '#ffe94a', cyan: '#5cf2ff', green: '#6dff7a' };
const FONTS = { sans: 'system-ui, sans-serif', serif: 'Georgia, serif', mono: 'ui-monospace, monospace' };
const EDGES = {
  none: 'none',
  shadow: '0 2px 4px #000',
  outline: '-1px -1px 0 #000, 1px -1px 0 #000, -1px 1px 0 #000, 1px 1px 0 #000',
};

/** The style as CSS custom properties of the caption box. */
export function captionProperties(style: CaptionStyle): Record<string, string> {
  return {
    '--caption-size': String(style.size / 100),
    '--caption-color': COLORS[style.color],
    '--caption-backdrop': `rgb(0 0 0 / ${style.backdrop / 100})`,
    '--caption-edge': EDGES[style.edge],
    '--caption-font': FONTS[style.font],
  };
}
