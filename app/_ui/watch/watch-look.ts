import type { WatchView } from './use-theatre.ts';

type Look = {
  room: string;
  /** Around the picture. */
  stage: string;
  /** The picture's box. */
  picture: string;
  info: string;
  chat: string;
};

const SIDE_BY_SIDE = 'lg:grid lg:grid-cols-[minmax(0,1fr)_22.5rem]';
/** Under the page's header, down to the bottom of the window. */
const REST_OF_WINDOW = 'lg:h-[calc(100dvh-3.5rem)]';
const PHONE_CHAT =
  'max-lg:h-[max(22rem,calc(100dvh-3.5rem-56.25vw))] max-lg:scroll-mt-[calc(3.5rem+56.25vw)] max-lg:border-t';

/** Classes of a watch page's parts. What is not shown is not there for the keyboard either. */
export const WATCH_LOOK: Record<WatchView, Look> = {
  plain: {
    room: `${SIDE_BY_SIDE} lg:gap-6 xl:grid-cols-[minmax(0,1fr)_25rem]`,
    stage: 'max-lg:sticky max-lg:top-14 max-lg:z-30',
    picture: 'aspect-video lg:rounded-video',
    info: 'px-4 py-4 lg:px-0',
    chat: `border-line ${PHONE_CHAT} lg:sticky lg:top-[4.75rem] lg:h-[calc(100dvh-6rem)] lg:overflow-hidden lg:rounded-panel lg:border`,
  },
  theatre: {
    room: `${SIDE_BY_SIDE} scroll-mt-14 lg:-mx-6 lg:-mt-5`,
    stage: REST_OF_WINDOW,
    picture: 'h-full',
    info: 'px-4 py-4 lg:px-6',
    chat: `border-line ${REST_OF_WINDOW} lg:sticky lg:top-14 lg:overflow-hidden lg:border-l`,
  },
  full: { room: 'bg-black', stage: 'h-dvh', picture: 'h-full', info: 'hidden!', chat: 'hidden!' },
  'full-chat': {
    room: 'grid bg-page landscape:grid-cols-[minmax(0,1fr)_minmax(16rem,26%)]',
    stage: 'landscape:h-dvh',
    picture: 'portrait:aspect-video landscape:h-full',
    info: 'hidden!',
    chat: 'border-line portrait:h-[calc(100dvh-56.25vw)] portrait:border-t landscape:h-dvh landscape:overflow-hidden landscape:border-l',
  },
};
