'use client';

import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { FeedNote } from '#core/playback/live-feed';

/** What the engine leaves out of the show or cannot do, and what brings it back; nothing at all most of the time. */
export function EngineNotes({ notes = [] }: { notes?: readonly FeedNote[] }) {
  const t = useTranslations('studio.engineNotes');
  const words = (note: FeedNote) => {
    if (note.code === 'left-out') return t(note.picture ? 'picture' : 'sound', { identity: note.identity });
    if (note.code === 'scene-unreadable') return t('scene', { field: note.field });
    return note.code === 'only-slate' ? t('onlySlate') : t('capped', { number: note.most, of: note.of });
  };
  return (
    <div role="status" className="empty:hidden">
      {notes.length > 0 && (
        <ul className="flex flex-col gap-2">
          {notes.map((note) => (
            <li
              key={JSON.stringify(note)}
              className="flex gap-2 rounded-control border border-warn/60 bg-warn-fill p-3 text-13"
            >
              <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" strokeWidth={1.75} />
              <span className="min-w-0">{words(note)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
