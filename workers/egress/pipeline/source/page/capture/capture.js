// @ts-check
/**
 * The page beside the recorded one: it captures the other tab's picture and sound and hands them, not compressed, to the engine that
 * served it. Runs in Chromium; plain JavaScript, so that it is served as it is.
 *
 * @typedef {{ readable: ReadableStream<any> }} Processor
 * @typedef {{ width: number, height: number, fps: number, picture: boolean, sound: boolean }} Wish
 */

import { matrixOfRed, toBt709 } from './colors.js';
import { Resampler } from './resample.js';

const SAMPLE_RATE = 48_000;
/** The tab is red until its address is opened; a picture that is not says nothing about the matrix. */
const RED_MS = 3_000;

/** @param {MediaStreamTrack} track @returns {ReadableStreamDefaultReader<any>} */
function framesOf(track) {
  const Processor = /** @type {new (options: { track: MediaStreamTrack }) => Processor} */ (
    Reflect.get(globalThis, 'MediaStreamTrackProcessor')
  );
  return new Processor({ track }).readable.getReader();
}

/** @param {string} path @param {BodyInit} body */
async function post(path, body) {
  const answer = await fetch(path, { method: 'POST', body, cache: 'no-store' });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
}

/** @param {any} frame a VideoFrame @returns {Promise<Uint8ClampedArray<ArrayBuffer>>} its planes, one behind the other */
async function planesOf(frame) {
  const planes = new Uint8ClampedArray(frame.allocationSize());
  await frame.copyTo(planes);
  return planes;
}

/** Looks at the red of the blank tab. @param {ReadableStreamDefaultReader<any>} reader @returns {Promise<'bt601' | 'bt709'>} */
async function findMatrix(reader) {
  const limit = performance.now() + RED_MS;
  for (;;) {
    const { done, value: frame } = await reader.read();
    if (done) throw new Error('the capture gave no picture');
    const matrix = matrixOfRed(await planesOf(frame));
    frame.close();
    if (matrix || performance.now() > limit) return matrix ?? 'bt709';
  }
}

/**
 * Sends the newest picture; while one is on its way, older ones are dropped.
 * @param {ReadableStreamDefaultReader<any>} reader @param {'bt601' | 'bt709'} matrix
 */
async function sendPictures(reader, matrix) {
  let busy = false;
  for (;;) {
    const { done, value: frame } = await reader.read();
    if (done) return;
    if (busy) {
      frame.close();
      continue;
    }
    busy = true;
    sendPicture(frame, matrix)
      .catch((error) => console.warn('picture', String(error)))
      .finally(() => {
        frame.close();
        busy = false;
      });
  }
}

/** @param {any} frame a VideoFrame @param {'bt601' | 'bt709'} matrix */
async function sendPicture(frame, matrix) {
  const { format, timestamp, visibleRect } = frame;
  const { width, height } = visibleRect;
  const planes = await planesOf(frame);
  if (matrix === 'bt601' && format === 'I420') toBt709(planes, width, height);
  await post(`picture?format=${format}&width=${width}&height=${height}&at=${timestamp}`, planes);
}

/** Sends all sound in order; what comes while a piece is on its way goes with the next one. @param {MediaStreamTrack} track */
async function sendSound(track) {
  const reader = framesOf(track);
  const mixdown = new Mixdown();
  /** @type {Int16Array<ArrayBuffer>[]} */
  let waiting = [];
  let busy = false;
  const send = async () => {
    busy = true;
    while (waiting.length > 0) {
      const pieces = waiting;
      waiting = [];
      await post('sound', new Blob(pieces)).catch((error) => console.warn('sound', String(error)));
    }
    busy = false;
  };
  for (;;) {
    const { done, value: data } = await reader.read();
    if (done) return;
    waiting.push(mixdown.take(data));
    data.close();
    if (!busy) void send();
  }
}

/** What the engine mixes: left, right, left, right … at 48 kHz. */
class Mixdown {
  rate = 0;
  /** @type {Resampler[]} */
  resamplers = [];

  /** @param {any} data AudioData @returns {Int16Array<ArrayBuffer>} */
  take(data) {
    const { numberOfFrames, numberOfChannels, sampleRate } = data;
    if (sampleRate !== this.rate) {
      this.rate = sampleRate;
      this.resamplers = sampleRate === SAMPLE_RATE ? [] : [0, 1].map(() => new Resampler(sampleRate, SAMPLE_RATE));
    }
    const sides = [0, 1].map((side) => {
      const plane = new Float32Array(numberOfFrames);
      data.copyTo(plane, { planeIndex: Math.min(side, numberOfChannels - 1), format: 'f32-planar' });
      return this.resamplers[side]?.take(plane) ?? plane;
    });
    const [left = new Float32Array(), right = left] = sides;
    const out = new Int16Array(left.length * 2);
    for (let index = 0; index < left.length; index++) {
      out[2 * index] = toInt16(left[index] ?? 0);
      out[2 * index + 1] = toInt16(right[index] ?? 0);
    }
    return out;
  }
}

/** @param {number} sample */
const toInt16 = (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);

/** Called through DevTools, with a user's gesture. @param {Wish} wish */
async function capture({ width, height, fps, picture, sound }) {
  const stream = await navigator.mediaDevices.getDisplayMedia(
    /** @type {any} */ ({
      video: { width, height, frameRate: picture ? fps : 1 },
      audio: sound && {
        sampleRate: SAMPLE_RATE,
        channelCount: 2,
        echoCancellation: false,
        noiseSuppression: false,
        autoGainControl: false,
        suppressLocalAudioPlayback: true,
      },
      selfBrowserSurface: 'exclude',
      surfaceSwitching: 'exclude',
      systemAudio: 'exclude',
    }),
  );
  const [video] = stream.getVideoTracks();
  const [audio] = stream.getAudioTracks();
  if (!video || (sound && !audio)) throw new Error('the page gives no picture or no sound');
  for (const track of stream.getTracks()) track.addEventListener('ended', () => console.error('the capture ended'));
  // Chromium captures no sound without a picture: an egress of sound alone leaves the picture where it is.
  if (picture) {
    const reader = framesOf(video);
    const matrix = await findMatrix(reader);
    void sendPictures(reader, matrix);
  }
  if (audio) void sendSound(audio);
}

Object.assign(globalThis, { capture });
