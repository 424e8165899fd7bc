'use client';

import { useTranslations } from 'next-intl';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { PublicChannel } from '#core/broadcast/public-views';
import type { Person } from '../account/session.ts';
import { isApiError } from '../api.ts';
import { useNow } from '../use-clock.ts';
import { useErrorWords } from '../use-error-words.ts';
import type { ChannelState } from '../watch/channel-state.ts';
import { useChannelSocket } from '../watch/use-channel-socket.ts';
import { calls, type IngestState, type OwnBroadcast } from './calls.ts';
import { onAirMark } from './on-air-mark.ts';
import { choiceOf } from './picture-choice.ts';
import type { ShowDraft } from './show-form.tsx';
import { isOnAir, isStarting, studioWords } from './state-words.ts';
import { useDestinations } from './use-destinations.ts';
import { useGoLive } from './use-go-live.ts';
import { useMediaDesk } from './use-media-desk.ts';
import { usePublisher } from './use-publisher.ts';
import type { useShow } from './use-show.ts';
import { isClosed, passwordProblem, titleProblem } from './visibility.ts';

type Parts = { handle: string; channel: PublicChannel; person: Person; show: ReturnType<typeof useShow> };

/** Joins the studio's parts: devices, connection, show, news. Decisions are in their own files; this only wires. */
export function useStudio({ handle, channel, person, show }: Parts) {
  const t = useTranslations('studio');
  const wordsOf = useErrorWords();
  const { broadcast, put, refresh } = show;
  const { desk, media } = useMediaDesk();
  const seatFor = useRef<string | null>(null);
  const getSeat = useCallback(() => {
    if (!seatFor.current) return Promise.reject(new Error('no broadcast to join'));
    return calls.hostToken(seatFor.current, `host_${person.id}`, person.name || channel.name);
  }, [person, channel]);
  const { publisher, state: publisherState } = usePublisher(media, getSeat);
  const aim = useCallback((id: string) => {
    seatFor.current = id;
  }, []);
  const going = useGoLive({ handle, broadcast, publisher, put, aim, refresh });

  // The chat of a closed show is a place of its own.
  const closed = broadcast !== null && broadcast.state !== 'ended' && isClosed(broadcast.visibility);
  const place = closed ? { id: broadcast.id, pass: null } : undefined;
  const { state: channelNews, client: channelClient, say } = useChannelSocket(handle, true, place);
  const newsConnected = channelNews.connection === 'joined';
  const audience = (newsConnected ? channelNews.audience : null) ?? broadcast?.audience ?? 0;
  const { ingest, onIngest } = useIngest(channelNews.ingest);
  useNewsRefresh(channelNews, refresh);

  const { draft, setDraft } = useDraft(channel, show);
  const [tried, setTried] = useState(false);
  const [sourceMissing, setSourceMissing] = useState(false);
  const hasPassword = isOpen(broadcast) && broadcast.visibility === 'password';
  const isWrong = titleProblem(draft.title) !== null || passwordProblem(draft, hasPassword) !== null;
  const hasCamera = media.camera !== null || media.microphone !== null;
  const hasSource = hasCamera || ingest?.state === 'publishing';

  useReattach(handle, show, desk, going.connectHere);
  useLetGo(handle, show, publisher);

  const goLive = useCallback(() => {
    setTried(true);
    setSourceMissing(!hasSource);
    if (!hasSource || isWrong) return;
    void going.goLive(formOf(draft), hasCamera).then((done) => {
      if (done) setDraft({ ...draft, password: '' });
      if (done && hasCamera) onAirMark.set(handle, seatFor.current);
    });
  }, [hasSource, hasCamera, draft, isWrong, going.goLive, setDraft, handle]);

  const connectHere = useCallback(() => {
    if (!broadcast) return;
    const join = async () => {
      if (desk.snapshot().status !== 'on') await desk.open();
      if (desk.snapshot().status !== 'on') return;
      if (await going.connectHere(broadcast.id)) onAirMark.set(handle, broadcast.id);
    };
    void join();
  }, [broadcast, desk, going.connectHere, handle]);

  const save = useCallback(
    (autoStart?: boolean) => {
      setTried(true);
      if (isWrong) return;
      const form = { ...formOf(draft), ...(autoStart === undefined ? {} : { autoStart }) };
      void going.saveForm(form).then((done) => done && setDraft({ ...draft, password: '' }));
    },
    [draft, isWrong, going.saveForm, setDraft],
  );

  const end = useCallback(() => (broadcast ? going.end(broadcast.id) : Promise.resolve(false)), [broadcast, going.end]);

  const nowMs = useNow();
  const titleError = isApiError(going.error) && going.error.field === 'title' ? wordsOf(going.error) : null;
  const running = isOnAir(broadcast) || Boolean(broadcast && isStarting(broadcast));
  const offStage =
    publisherState.kind === 'off' || publisherState.kind === 'taken-over' || publisherState.kind === 'removed';
  return {
    desk,
    media,
    publisher: publisherState,
    ingest,
    onIngest,
    newsConnected,
    channelNews,
    channelClient,
    say,
    audience,
    nowMs,
    draft,
    setDraft,
    tried,
    titleProblem: titleError,
    problem: problemOf(),
    step: going.step,
    /** Nothing may be pressed twice, and "Go live" waits while the browser still asks for camera and microphone. */
    busy: going.step !== 'idle' || (media.status === 'asking' && !hasSource),
    ending: going.ending,
    words: studioWords({ broadcast, publisher: publisherState, ingest, step: going.step, audience, nowMs }),
    destinations: useDestinations(handle, broadcast?.destinations),
    canConnectHere: running && broadcast?.state !== 'ending' && offStage && going.step === 'idle',
    goLive,
    connectHere,
    hasPassword,
    setAutoStart: save,
    /** Links and tickets are there once the show is. */
    saveShow: isClosed(draft.visibility) && !isSaved(draft, broadcast) ? () => save() : null,
    end,
  };

  function problemOf(): string | null {
    if (going.error && !titleError) return wordsOf(going.error);
    return sourceMissing && !hasSource ? t('goLiveNeedsSource') : null;
  }
}

export type Studio = ReturnType<typeof useStudio>;

/** What the API is told of the form: a password only where one was typed for a show that asks for it. */
function formOf({ password, ...draft }: ShowDraft) {
  const isNew = draft.visibility === 'password' && password.trim() !== '';
  return { ...draft, title: draft.title.trim(), ...(isNew ? { password: password.trim() } : {}) };
}

function isOpen(broadcast: OwnBroadcast | null): broadcast is OwnBroadcast {
  return broadcast !== null && broadcast.state !== 'ended' && broadcast.state !== 'ending';
}

function isSaved(draft: ShowDraft, broadcast: OwnBroadcast | null): boolean {
  return isOpen(broadcast) && broadcast.visibility === draft.visibility && draft.password.trim() === '';
}

/** The newest word about the encoder, from the API's first answer or from the news. */
function useIngest(news: IngestState | null) {
  const [asked, setAsked] = useState<IngestState | null>(null);
  const ingest = news && asked ? (news.atMs >= asked.atMs ? news : asked) : (news ?? asked);
  return { ingest, onIngest: setAsked };
}

/** News carry the public view alone: they are a hint to look at the whole. The signal's figures, told every second, change nothing of it. */
function useNewsRefresh(news: ChannelState, refresh: () => void) {
  const { broadcast } = news;
  const state = news.ingest?.state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change is a reason to look
  useEffect(() => refresh(), [broadcast, state, refresh]);
}

/** The form's content: of the open broadcast, else of the last one. What a person typed is never overwritten. */
function useDraft(channel: PublicChannel, show: ReturnType<typeof useShow>) {
  const newest = show.broadcast;
  const [typed, setDraft] = useState<ShowDraft | null>(null);
  const visibility = newest?.visibility ?? 'public';
  const running = newest !== null && (isOnAir(newest) || isStarting(newest));
  const picture = choiceOf(newest);
  const fromShow: ShowDraft = { title: newest?.title || channel.name, visibility, password: '', picture };
  return { draft: running ? fromShow : (typed ?? fromShow), setDraft };
}

/** After a reload: if this tab's camera was in the running broadcast, it goes back in by itself. */
function useReattach(
  handle: string,
  show: ReturnType<typeof useShow>,
  desk: ReturnType<typeof useMediaDesk>['desk'],
  connectHere: (id: string) => Promise<boolean>,
) {
  const done = useRef(false);
  const { broadcast } = show;
  useEffect(() => {
    if (done.current || !broadcast) return;
    done.current = true;
    const running = isOnAir(broadcast) || isStarting(broadcast);
    if (!running || onAirMark.get(handle) !== broadcast.id) return;
    void desk.open().then(() => desk.snapshot().status === 'on' && connectHere(broadcast.id));
  }, [broadcast, desk, connectHere, handle]);
}

/** When the show is over the camera leaves the room; the preview stays. */
function useLetGo(
  handle: string,
  show: ReturnType<typeof useShow>,
  publisher: ReturnType<typeof usePublisher>['publisher'],
) {
  const over = show.broadcast?.state === 'ended';
  const id = show.broadcast?.id;
  useEffect(() => {
    if (!over) return;
    if (onAirMark.get(handle) === id) onAirMark.set(handle, null);
    publisher.stop().catch(() => undefined);
  }, [over, id, handle, publisher]);
}
