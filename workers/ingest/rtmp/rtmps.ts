import { openCertificate } from './certificate.ts';
import { openRtmpServer, type RtmpServer } from './server.ts';

/** The edge may get its certificate after us, at the first start. */
const TRY_EVERY_MS = 60_000;

/**
 * RTMPS beside RTMP, as soon as its certificate can be read. Without a port or files it is off.
 */
export function openRtmpsWhenReady(
  config: { INGEST_RTMPS_PORT?: number; INGEST_TLS_CERT_FILE?: string; INGEST_TLS_KEY_FILE?: string },
  front: Omit<Parameters<typeof openRtmpServer>[0], 'port' | 'certificate'>,
): { connections(): number; close(reason: string): Promise<void> } {
  const { INGEST_RTMPS_PORT: port, INGEST_TLS_CERT_FILE: certFile, INGEST_TLS_KEY_FILE: keyFile } = config;
  const { log } = front;
  let server: RtmpServer | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;

  async function attempt(files: { certFile: string; keyFile: string; port: number }): Promise<void> {
    try {
      const certificate = openCertificate(files.certFile, files.keyFile, (error) =>
        log.error({ err: error }, 'rtmps: the renewed certificate cannot be read, the old one is used'),
      );
      const opened = await openRtmpServer({ ...front, port: files.port, certificate });
      if (isClosed) await opened.close('the server is being restarted');
      else {
        server = opened;
        log.info({ rtmps: opened.port }, 'rtmps: taking encoders');
      }
    } catch (error) {
      if (isClosed) return;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ reason }, 'rtmps: no certificate yet, or its port is taken; tried again every minute');
      timer = setTimeout(() => void attempt(files), TRY_EVERY_MS);
    }
  }

  if (port !== undefined && certFile && keyFile) void attempt({ certFile, keyFile, port });
  return {
    connections: () => server?.connections() ?? 0,
    async close(reason) {
      isClosed = true;
      if (timer) clearTimeout(timer);
      await server?.close(reason);
    },
  };
}
