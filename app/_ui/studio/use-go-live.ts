'use client';

import { useCallback, useRef, useState } from 'react';
import type { Visibility } from '#core/broadcast/broadcast';
import { calls, type OwnBroadcast } from './calls.ts';
import { changeOf, choiceOf, type PictureChoice, wishOf } from './picture-choice.ts';
import type { Publisher } from './publisher.ts';

export type GoLiveStep = 'idle' | 'preparing' | 'connecting' | 'starting';

export type GoLiveParts = {
  handle: string;
  broadcast: OwnBroadcast | null;
  publisher: Publisher;
  /** Told each answer at once, before the next look. */
  put(broadcast: OwnBroadcast): void;
  /** The broadcast that the next host token is for. */
  aim(broadcastId: string): void;
  refresh(): void;
};

/** @param password only a new one */
export type ShowForm = {
  title: string;
  visibility: Visibility;
  password?: string;
  picture: PictureChoice;
  autoStart?: boolean;
};

/** "Go live" and "End broadcast" as steps that can be told, one at a time. Errors are kept until the next try. */
export function useGoLive(parts: GoLiveParts) {
  const [step, setStep] = useState<GoLiveStep>('idle');
  const [error, setError] = useState<unknown>(null);
  const [ending, setEnding] = useState(false);
  const latest = useRef(parts);
  latest.current = parts;

  const guarded = useCallback(async (work: () => Promise<void>) => {
    setError(null);
    try {
      await work();
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      setStep('idle');
      latest.current.refresh();
    }
  }, []);

  /** Makes sure that there is an open broadcast with this title. */
  const prepare = useCallback(async ({ picture, ...form }: ShowForm): Promise<OwnBroadcast> => {
    const { broadcast, handle, put } = latest.current;
    if (!broadcast || broadcast.state === 'ended' || broadcast.state === 'ending') {
      const made = await calls.createBroadcast(handle, { ...form, ...wishOf(picture) });
      put(made);
      return made;
    }
    const change = changeOf(choiceOf(broadcast), picture);
    const same =
      broadcast.title === form.title &&
      broadcast.visibility === form.visibility &&
      form.password === undefined &&
      Object.keys(change).length === 0;
    if (same && (form.autoStart ?? broadcast.autoStart ?? false) === (broadcast.autoStart ?? false)) return broadcast;
    const edited = await calls.editBroadcast(broadcast.id, { ...form, ...change });
    put(edited);
    return edited;
  }, []);

  /** @param withCamera publish this browser's tracks; without, an encoder is the source */
  const goLive = useCallback(
    (form: ShowForm, withCamera: boolean) =>
      guarded(async () => {
        setStep('preparing');
        const broadcast = await prepare(form);
        latest.current.aim(broadcast.id);
        if (withCamera) {
          setStep('connecting');
          await latest.current.publisher.start();
        }
        setStep('starting');
        latest.current.put(await calls.start(broadcast.id));
      }),
    [guarded, prepare],
  );

  /** Sends this window's camera into a show that is already on air. */
  const connectHere = useCallback(
    (broadcastId: string) =>
      guarded(async () => {
        latest.current.aim(broadcastId);
        setStep('connecting');
        await latest.current.publisher.start();
      }),
    [guarded],
  );

  /** Keeps the form in the open broadcast without starting it. */
  const saveForm = useCallback(
    (form: ShowForm) =>
      guarded(async () => {
        setStep('preparing');
        await prepare(form);
      }),
    [guarded, prepare],
  );

  const end = useCallback(
    async (broadcastId: string) => {
      setEnding(true);
      const ended = await guarded(async () => latest.current.put(await calls.end(broadcastId)));
      setEnding(false);
      return ended;
    },
    [guarded],
  );

  return { step, error, ending, goLive, connectHere, saveForm, end };
}
