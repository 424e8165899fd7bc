// hls.js as this player needs it, built from the sources inside its package: live and recorded fragmented MP4, sound as a rendition of its
// own, captions. The full build is 185 kB gzip, this one about 120: less to fetch and, before the first picture, less to parse.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';

const ROOT = dirname(createRequire(import.meta.url).resolve('hls.js/package.json'));
const SOURCE = join(ROOT, 'src') + sep;
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** hls.js's own switches (its build-config.js). */
const SWITCHES = {
  ALT_AUDIO: true,
  SUBTITLES: true,
  CMCD: false,
  CONTENT_STEERING: false,
  EME_DRM: false,
  IFRAMES: false,
  INTERSTITIALS: false,
  M2TS_ADVANCED_CODECS: false,
  MEDIA_CAPABILITIES: false,
  VARIABLE_SUBSTITUTION: false,
};

/**
 * Modules that a switch turns off but that would still be bundled, and those of formats that our origin never serves: MPEG-TS, bare AAC and
 * MP3, TTML, encrypted segments.
 */
const LEFT_OUT = {
  'controller/cmcd-controller': '',
  'controller/content-steering-controller': '',
  'controller/eme-controller': '',
  'controller/iframe-controller': 'export const IFrameController = undefined;',
  'controller/interstitials-controller': '',
  'utils/imsc1-ttml-parser': "export const IMSC1_CODEC = 'stpp.ttml.im1t'; export const parseIMSC1 = undefined;",
  'demux/tsdemuxer': 'export default { probe: () => false };',
  'demux/audio/aacdemuxer': 'export default { probe: () => false };',
  'demux/audio/ac3-demuxer': 'export const AC3Demuxer = { probe: () => false };',
  'demux/audio/mp3demuxer': 'export default { probe: () => false };',
  'demux/inject-worker':
    'export const hasUMDWorker = () => false; export const injectWorker = undefined, loadWorker = undefined, removeWorkerFromStore = () => {};',
  // Only its class: the functions of its module are shared with the remuxer that stays.
  'demux/transmuxer > ../remux/mp4-remuxer': 'export default undefined;',
  'remux/mp4-remuxer > ./mp4-generator': 'export default undefined;',
  'crypt/decrypter': `export default class {
    isSync() { return false; }
    reset() {}
    flush() { return null; }
    decrypt() { return Promise.reject(new Error('encrypted segments are not played')); }
    destroy() {}
  }`,
};

/**
 * Faults of this version, mended: what stands there and what is to stand there. A fragment's parts are forgotten while the fragment itself is known
 * to be whole (seen when the back buffer is cut): it was then looked at again and again for the part that it seems to miss, and nothing more
 * was loaded for three segments, until its parts had left the list. A fragment that is whole needs none of its parts.
 */
const MENDED = {
  'controller/base-stream-controller': [
    '(!loadingParts ||\n          partList[0].fragment.sn > fragSn ||',
    '(!loadingParts ||\n          fragState === FragmentState.OK ||\n          partList[0].fragment.sn > fragSn ||',
  ],
};

/** Its place under hls.js/src, without the ending. @param {string} file */
const nameOf = (file) => file.slice(SOURCE.length, -'.ts'.length).split(sep).join('/');

/** esbuild plugin: `hls.js` is the small build. Fails when a module that is to be left out is not where it was: look again after an update. */
export const smallHls = {
  name: 'small-hls',
  setup(on) {
    const missing = Object.keys(LEFT_OUT).filter((name) => !existsSync(`${SOURCE}${name.split(' > ')[0]}.ts`));
    if (missing.length > 0) throw new Error(`hls.js ${version} has no ${missing.join(', ')}: see player/small-hls.mjs`);
    const defines = Object.fromEntries(
      Object.entries(SWITCHES).map(([name, value]) => [`__USE_${name}__`, String(value)]),
    );
    on.initialOptions.define = { ...on.initialOptions.define, ...defines, __VERSION__: JSON.stringify(version) };
    on.onResolve({ filter: /^hls\.js$/ }, () => ({ path: `${SOURCE}exports-default.ts` }));
    on.onResolve({ filter: /^\.{1,2}\// }, ({ path, importer }) => {
      const name = `${nameOf(importer)} > ${path}`;
      return name in LEFT_OUT ? { path: name, namespace: 'left-out' } : undefined;
    });
    on.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({ contents: LEFT_OUT[path], loader: 'ts' }));
    on.onLoad({ filter: /[\\/]hls\.js[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const instead = LEFT_OUT[nameOf(path)];
      if (instead === undefined) return mended(path);
      return { contents: instead === '' ? 'export default undefined;' : instead, loader: 'ts' };
    });
  },
};

/** @param {string} path of a module of hls.js; fails when a fault is not where it was: it may be mended there by now. */
function mended(path) {
  const change = MENDED[nameOf(path)];
  if (!change) return undefined;
  const source = readFileSync(path, 'utf8');
  const [before, after] = change;
  if (source.split(before).length !== 2) throw new Error(`hls.js ${version}: ${nameOf(path)} has changed, see MENDED`);
  return { contents: source.replace(before, after), loader: /** @type {const} */ ('ts') };
}

/** Stands at the head of each file that contains hls.js (Apache-2.0, section 4). */
export const HLS_NOTICE = `/*! hls.js ${version}, (c) 2017 Dailymotion and contributors, Apache-2.0, built without parts of it. With eventemitter3 (MIT), url-toolkit and @svta/cml (Apache-2.0). */`;
