'use client';

import { useTranslations } from 'next-intl';
import type { PublicChannel } from '#core/broadcast/public-views';
import type { Person } from '../account/session.ts';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { Button } from '../primitives/button.tsx';
import { Panel } from '../primitives/panel.tsx';
import { Tabs } from '../primitives/tabs.tsx';
import { AccessSettings } from './access-settings.tsx';
import { CameraControls, CameraPanel } from './camera-panel.tsx';
import { CameraPreview } from './camera-preview.tsx';
import { DestinationsPanel } from './destinations-panel.tsx';
import { EncoderPanel } from './encoder-panel.tsx';
import { EngineNotes } from './engine-notes.tsx';
import { HealthRow } from './health-row.tsx';
import { QualityPanel } from './quality-panel.tsx';
import { RecordingsPanel } from './recordings-panel.tsx';
import { ShowBar } from './show-bar.tsx';
import { ShowForm } from './show-form.tsx';
import { isOnAir, isStarting } from './state-words.ts';
import { STUDIO_GRID } from './studio-grid.ts';
import type { useShow } from './use-show.ts';
import { type Studio, useStudio } from './use-studio.ts';
import { ProgramPicture, ViewersSee } from './viewers-see.tsx';
import { isClosed } from './visibility.ts';

type Show = ReturnType<typeof useShow>;

/** The host's desk: source and show on the left, picture and health in the middle, what viewers see and chat on the right. */
export function StudioDesk(props: { handle: string; channel: PublicChannel; person: Person; show: Show }) {
  const { handle, channel, show } = props;
  const t = useTranslations('studio');
  const studio = useStudio(props);
  return (
    <main id="main" className="mx-auto flex w-full max-w-[1920px] flex-col gap-2 px-4 pb-10 sm:px-6">
      <h1 className="sr-only">
        {t('title')} · {channel.name}
      </h1>
      <ShowBar
        handle={handle}
        channelName={channel.name}
        broadcast={show.broadcast}
        words={studio.words}
        nowMs={studio.nowMs}
        audience={studio.audience}
        busy={studio.busy}
        ending={studio.ending}
        error={studio.problem}
        onGoLive={studio.goLive}
        onEnd={studio.end}
      />
      {show.error && (
        <p role="status" className="rounded-control border border-warn/50 bg-warn-fill px-4 py-2 text-13">
          <strong className="font-semibold">{t('staleTitle')}.</strong> {t('staleText')}
        </p>
      )}
      <div className={STUDIO_GRID}>
        <SourceColumn handle={handle} studio={studio} show={show} />
        <PictureColumn studio={studio} show={show} />
        <div className="grid min-w-0 content-start gap-4 md:max-xl:grid-cols-2 lg:max-xl:col-span-2 lg:max-xl:row-start-3 xl:col-start-3 xl:row-span-2 xl:row-start-1">
          {!showsProgram(studio, show) && <ViewersSee broadcast={show.broadcast} />}
          <ChatPanel
            state={studio.channelNews}
            client={studio.channelClient}
            onSay={studio.say}
            onWanted={() => undefined}
            className="h-112 overflow-hidden rounded-panel border border-line"
          />
        </div>
        <div className="flex min-w-0 flex-col gap-4 lg:col-start-2">
          <QualityPanel broadcast={show.broadcast} />
          <DestinationsPanel handle={handle} destinations={studio.destinations} onAir={isOnAir(show.broadcast)} />
          <RecordingsPanel broadcasts={show.broadcasts} onChanged={show.refresh} />
        </div>
      </div>
    </main>
  );
}

function SourceColumn({ handle, studio, show }: { handle: string; studio: Studio; show: Show }) {
  const t = useTranslations('studio');
  const { broadcast } = show;
  const started = isOnAir(broadcast) || Boolean(broadcast && isStarting(broadcast));
  return (
    <div className="flex min-w-0 flex-col gap-4 lg:row-span-2">
      <Panel title={t('show.title')}>
        <ShowForm
          draft={studio.draft}
          onChange={studio.setDraft}
          tried={studio.tried}
          fixed={started || studio.step !== 'idle'}
          serverProblem={studio.titleProblem}
          hasPassword={studio.hasPassword}
          onSave={studio.saveShow}
        />
      </Panel>
      {broadcast && broadcast.state !== 'ended' && isClosed(broadcast.visibility) && (
        <Panel title={t('access.title')}>
          <AccessSettings broadcast={broadcast} />
        </Panel>
      )}
      <Panel title={t('source.title')} bodyClassName="pt-2">
        <Tabs
          label={t('source.title')}
          keepMounted
          tabs={[
            { id: 'camera', label: t('source.camera'), panel: <CameraPanel desk={studio.desk} media={studio.media} /> },
            {
              id: 'encoder',
              label: t('source.encoder'),
              panel: (
                <EncoderPanel
                  handle={handle}
                  state={studio.ingest}
                  onState={studio.onIngest}
                  autoStart={
                    started
                      ? null
                      : {
                          on: broadcast?.autoStart === true && broadcast.state !== 'ended',
                          busy: studio.step !== 'idle',
                          change: studio.setAutoStart,
                        }
                  }
                />
              ),
            },
          ]}
        />
      </Panel>
    </div>
  );
}

/** A show that another encoder makes has no picture of this window: what is sent takes its place. */
function showsProgram({ media, publisher }: Studio, { broadcast }: Show): boolean {
  return isOnAir(broadcast) && publisher.kind === 'off' && !media.camera && !media.screen;
}

function PictureColumn({ studio, show }: { studio: Studio; show: Show }) {
  const t = useTranslations('studio');
  return (
    <div className="flex min-w-0 flex-col gap-4 max-lg:order-first">
      {showsProgram(studio, show) ? (
        <section aria-label={t('viewers.title')}>
          <ProgramPicture broadcast={show.broadcast} />
        </section>
      ) : (
        <CameraPreview
          camera={studio.media.camera}
          screen={studio.media.screen}
          cameraOn={studio.media.cameraOn}
          publisher={studio.publisher}
          onAir={isOnAir(show.broadcast)}
          encoderIsReceived={studio.ingest?.state === 'publishing'}
        />
      )}
      <CameraControls desk={studio.desk} media={studio.media} />
      {studio.canConnectHere && (
        <div className="flex flex-wrap items-center gap-3 rounded-panel border border-line bg-panel px-4 py-3">
          <p className="min-w-48 flex-1 text-13 text-muted">{t('connectHereNote')}</p>
          <Button size="sm" busy={studio.step === 'connecting'} onClick={studio.connectHere}>
            {t('connectHere')}
          </Button>
        </div>
      )}
      <HealthRow
        publisher={studio.publisher}
        ingest={studio.ingest}
        broadcast={show.broadcast}
        audience={studio.audience}
        newsConnected={studio.newsConnected}
      />
      <EngineNotes notes={show.broadcast?.engineNotes} />
    </div>
  );
}
