import type { IngressState } from '@livekit/protocol';
import { createNewestSender, type NewestSender } from '#bus/newest-sender';
import type { Bus } from '#bus/open-bus';
import { RpcError } from '#bus/rpc-error';
import type { ServiceLog } from '#bus/service-log';
import type { IngestNote } from '#core/ingest/ingest-note';
import type { SignalHealth } from '#core/ingest/signal-health';
import { type IngestSession, nextSession, toIngressState } from './ingress-state.ts';
import { updateIngressState } from './io-info.ts';
import type { IngestReport, IngestReports, IngestTarget } from './ports.ts';

export type IngestReportsDeps = {
  bus: Pick<Bus, 'call'>;
  internalUrl: string;
  serviceSecret: string;
  log: ServiceLog;
  now?: () => number;
  fetch?: typeof fetch;
  /** First pause after a failure, ms; doubles to 10 s. */
  firstBackOffMs?: number;
};

const WEB_TIMEOUT_MS = 3_000;

type WebNews = {
  channelId: string;
  state: string;
  protocol: string;
  sentence: string;
  note?: IngestNote | undefined;
  health?: SignalHealth;
};

/** What was refused for a reason that sending again cannot cure. */
class Refused extends Error {}

async function tellWeb(deps: IngestReportsDeps, news: WebNews): Promise<void> {
  const answer = await (deps.fetch ?? fetch)(new URL('/api/internal/ingest/report', deps.internalUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${deps.serviceSecret}`, 'content-type': 'application/json' },
    body: JSON.stringify(news),
    redirect: 'error',
    signal: AbortSignal.timeout(WEB_TIMEOUT_MS),
  });
  if (answer.ok) return;
  const curable = answer.status >= 500 || answer.status === 429 || answer.status === 408;
  throw new (curable ? Error : Refused)(`web answered ${answer.status}`);
}

/** LiveKit forgot the ingress, or has a newer session: this state is nobody's any more. */
function isPast(error: unknown): boolean {
  return error instanceof RpcError && (error.code === 'not_found' || error.code === 'failed_precondition');
}

type Desk = {
  session: IngestSession;
  livekit: NewestSender<IngressState>;
  web: NewestSender<WebNews> | null;
  told: Omit<WebNews, 'health'> | null;
};

/**
 * Tells LiveKit (ListIngress, webhooks) and the web (studio) how an ingest is doing. The two are independent: one being away does not
 * hold the other up. Only the newest state of an ingress is kept.
 */
export function createIngestReports(deps: IngestReportsDeps): IngestReports {
  const now = deps.now ?? Date.now;
  const desks = new Map<string, Desk>();

  function openDesk(target: IngestTarget, session: IngestSession): Desk {
    const onFailure = (to: string) => (error: unknown, attempt: number, willRetry: boolean) => {
      const reason = error instanceof Error ? error.message : String(error);
      deps.log.warn({ ingressId: target.ingressId, to, attempt, willRetry, reason }, 'an ingest report was not taken');
    };
    const backOff = { firstBackOffMs: deps.firstBackOffMs };
    return {
      session,
      livekit: createNewestSender<IngressState>({
        send: (state) => updateIngressState(deps.bus, target.ingressId, state),
        isFinal: isPast,
        onFailure: onFailure('livekit'),
        ...backOff,
      }),
      web: target.channelId
        ? createNewestSender<WebNews>({
            send: (news) => tellWeb(deps, news),
            isFinal: (error) => error instanceof Refused,
            onFailure: onFailure('web'),
            ...backOff,
          })
        : null,
      told: null,
    };
  }

  /** An ended ingress needs its desk until both sides know. */
  function closeWhenSent(ingressId: string, desk: Desk): void {
    Promise.all([desk.livekit.settled(), desk.web?.settled()]).then(() => {
      const current = desks.get(ingressId);
      if (current === desk && desk.session.endedAtMs !== 0) desks.delete(ingressId);
    });
  }

  return {
    report(target: IngestTarget, report: IngestReport) {
      const nowMs = now();
      const known = desks.get(target.ingressId);
      const session = nextSession(known?.session ?? null, report.state, nowMs);
      const desk = known ?? openDesk(target, session);
      desk.session = session;
      desks.set(target.ingressId, desk);
      desk.livekit.offer(toIngressState(report, session, nowMs));
      if (target.channelId) {
        const { state, protocol, sentence, note } = report;
        desk.told = { channelId: target.channelId, state, protocol, sentence, note };
        desk.web?.offer(desk.told);
      }
      if (session.endedAtMs !== 0) closeWhenSent(target.ingressId, desk);
    },
    health(target, health) {
      const desk = desks.get(target.ingressId);
      // Told with the state it belongs to, so that the newest message always says everything.
      if (desk?.told && desk.told.state !== 'idle') desk.web?.offer({ ...desk.told, health });
    },
    async told(ingressId) {
      await desks.get(ingressId)?.livekit.settled();
    },
    async flush(timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const settled = [...desks.values()].flatMap((desk) => [desk.livekit.settled(), desk.web?.settled()]);
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([Promise.all(settled), late]);
      clearTimeout(timer);
    },
    close() {
      for (const desk of desks.values()) {
        desk.livekit.close();
        desk.web?.close();
      }
      desks.clear();
    },
  };
}
