/** The last picture, held over the video while another engine takes it over: nobody sees it go black. */
export type Still = {
  readonly isHeld: boolean;
  /** Keeps what is on the screen until the video has its next picture. Does nothing while there is none. */
  hold(): void;
  drop(): void;
  remove(): void;
};

/** @param behind the element of the skin that it comes to lie over */
export function createStill(video: HTMLVideoElement, behind: HTMLElement): Still {
  const canvas = document.createElement('canvas');
  canvas.className = 'still';
  canvas.hidden = true;
  canvas.setAttribute('aria-hidden', 'true');
  behind.after(canvas);
  let stopWaiting = () => {};

  const still = {
    get isHeld() {
      return !canvas.hidden;
    },
    hold() {
      if (video.videoWidth === 0 || video.readyState < 2) return;
      if (canvas.hidden) {
        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        canvas.getContext('2d')?.drawImage(video, 0, 0);
        canvas.hidden = false;
      }
      stopWaiting();
      stopWaiting = onNextPicture(video, () => still.drop());
    },
    drop() {
      stopWaiting();
      stopWaiting = () => {};
      canvas.hidden = true;
    },
    remove() {
      still.drop();
      canvas.remove();
    },
  };
  return still;
}

/** Calls once when media that was not there yet has its first picture on the screen. @returns cancels */
function onNextPicture(video: HTMLVideoElement, act: () => void): () => void {
  const waiting = new AbortController();
  let asked: number | null = null;
  // Only what comes after the media was taken away: a picture that is on its way now is an old one.
  const begin = () => {
    if ('requestVideoFrameCallback' in video) asked = video.requestVideoFrameCallback(look);
    else (video as HTMLVideoElement).addEventListener('playing', look, { once: true, signal: waiting.signal });
  };
  // What is loaded first is the edge; who was elsewhere is on the way there.
  const look = () => {
    asked = null;
    if (video.seeking) video.addEventListener('seeked', act, { once: true, signal: waiting.signal });
    else act();
  };
  video.addEventListener('emptied', begin, { once: true, signal: waiting.signal });
  return () => {
    waiting.abort();
    if (asked !== null) video.cancelVideoFrameCallback(asked);
  };
}
