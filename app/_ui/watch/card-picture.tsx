'use client';

import { useEffect, useRef, useState } from 'react';
import { cn } from '../cn.ts';

/** A broadcast's picture, or the channel's initial until there is one. */
export function CardPicture({ src, name }: { src: string | null; name: string }) {
  const [isShown, setIsShown] = useState(false);
  const image = useRef<HTMLImageElement>(null);
  useEffect(() => {
    // It may have come before React did.
    if (image.current?.complete && image.current.naturalWidth > 0) setIsShown(true);
  }, []);
  return (
    <>
      <span aria-hidden className="absolute inset-0 grid place-items-center text-40 font-semibold text-muted">
        {Array.from(name)[0]?.toUpperCase()}
      </span>
      {src && (
        // biome-ignore lint/performance/noImgElement: a moving picture of the media origin, which Next's optimiser must not keep
        <img
          ref={image}
          src={src}
          alt=""
          loading="lazy"
          decoding="async"
          onLoad={() => setIsShown(true)}
          onError={() => setIsShown(false)}
          className={cn('absolute inset-0 size-full object-cover', !isShown && 'opacity-0')}
        />
      )}
    </>
  );
}
