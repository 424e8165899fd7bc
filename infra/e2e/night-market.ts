import { spawn } from 'node:child_process';
import { once } from 'node:events';

const WIDTH = 640;
const HEIGHT = 360;
/** The light is drawn small and enlarged: it has no edges, and drawing it is dear. */
const SHRINK = 10;

type Lantern = { x: number; y: number; size: number; red: number; green: number; blue: number };

const LANTERNS: Lantern[] = [
  { x: 70, y: 96, size: 34, red: 255, green: 120, blue: 40 },
  { x: 190, y: 132, size: 42, red: 255, green: 170, blue: 70 },
  { x: 318, y: 92, size: 52, red: 255, green: 96, blue: 56 },
  { x: 440, y: 142, size: 38, red: 255, green: 190, blue: 90 },
  { x: 566, y: 100, size: 46, red: 250, green: 110, blue: 60 },
  { x: 230, y: 230, size: 190, red: 26, green: 44, blue: 70 },
  { x: 520, y: 240, size: 170, red: 56, green: 24, blue: 62 },
];

/** Left, top, width and height of the stalls that stand before the light. */
const STALLS = [
  [0, 292, 640, 68],
  [36, 246, 128, 50],
  [206, 264, 96, 32],
  [352, 240, 132, 56],
  [520, 258, 104, 38],
] as const;

export type Market = {
  /** Ends the encoder as pressing "Stop" would. */
  stop(): Promise<void>;
};

/** A market at night with swaying lanterns and a quiet hum, 640x360 at 30 frames a second, sent by RTMP as an encoder sends. */
export function startNightMarket(url: string): Market {
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', '-re'],
      ...['-f', 'lavfi', '-i', marketGraph()],
      ...['-f', 'lavfi', '-i', 'aevalsrc=0.05*sin(2*PI*146.8*t)+0.04*sin(2*PI*220*t)|0.05*sin(2*PI*147.2*t):s=48000'],
      ...[
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-profile:v',
        'main',
        '-tune',
        'zerolatency',
        '-pix_fmt',
        'yuv420p',
      ],
      ...['-b:v', '1500k', '-maxrate', '1500k', '-bufsize', '1500k', '-g', '30', '-sc_threshold', '0', '-bf', '0'],
      ...['-c:a', 'aac', '-b:a', '128k', '-f', 'flv', '-flvflags', 'no_duration_filesize', url],
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  const exited = once(child, 'exit');
  return {
    async stop() {
      child.stdin?.on('error', () => {});
      child.stdin?.end('q');
      const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(force);
    },
  };
}

function marketGraph(): string {
  const light = (pick: (lantern: Lantern) => number, night: number) =>
    `${night}+${LANTERNS.map((lantern, i) => `${pick(lantern)}*${glow(lantern, i)}`).join('+')}`;
  const clamp = (sum: string) => `'min(255,${sum})'`;
  return [
    `color=black:s=${WIDTH / SHRINK}x${HEIGHT / SHRINK}:r=30,format=gbrp`,
    `geq=r=${clamp(light(({ red }) => red, 18))}:g=${clamp(light(({ green }) => green, 14))}:b=${clamp(light(({ blue }) => blue, 38))}`,
    `scale=${WIDTH}:${HEIGHT}:flags=bicubic`,
    ...STALLS.map(([x, y, w, h]) => `drawbox=${x}:${y}:${w}:${h}:color=0x120d1c@0.85:t=fill`),
    ...STALLS.slice(1).map(
      ([x, y, w, h]) => `drawbox=${x + 12}:${y + 8}:${w - 24}:${Math.round(h / 2)}:color=0xf4b860@0.6:t=fill`,
    ),
    ...STALLS.slice(1).map(([x, y, w]) => `drawbox=${x - 8}:${y - 6}:${w + 16}:6:color=0xe8a35a@0.85:t=fill`),
    'noise=alls=2:allf=t',
    'format=yuv420p',
  ].join(',');
}

/** How bright a lantern makes a point, 0 to 1 and a little above at its heart; each sways at its own pace. */
function glow({ x, y, size }: Lantern, index: number): string {
  const pace = 0.5 + index * 0.13;
  const dx = `(X-${x / SHRINK}-${(size / SHRINK / 4).toFixed(2)}*sin(T*${pace.toFixed(2)}+${index}))`;
  const dy = `(Y-${y / SHRINK})`;
  return `min(1,1.5*exp(-(${dx}*${dx}+${dy}*${dy})/${((size / SHRINK) ** 2 / 2).toFixed(2)}))`;
}
