import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';

const LOOK_EVERY_MS = 60_000;

/** A TLS certificate that lies in files. */
export type Certificate = { context(): SecureContext };

/**
 * Reads a certificate with its chain and its key, and reads them anew when they were replaced (the edge renews them): no restart is needed.
 * @throws Error when the files cannot be read or do not belong together
 */
export function openCertificate(
  certFile: string,
  keyFile: string,
  onProblem: (error: unknown) => void,
  now: () => number = performance.now.bind(performance),
): Certificate {
  let context = read(certFile, keyFile);
  let seen = stamp(certFile, keyFile);
  let lookedAtMs = now();
  return {
    context() {
      if (now() - lookedAtMs < LOOK_EVERY_MS) return context;
      lookedAtMs = now();
      try {
        const found = stamp(certFile, keyFile);
        if (found !== seen) {
          context = read(certFile, keyFile);
          seen = found;
        }
      } catch (error) {
        // Half written, or gone for a moment: the old one goes on.
        onProblem(error);
      }
      return context;
    },
  };
}

function read(certFile: string, keyFile: string): SecureContext {
  return createSecureContext({ cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' });
}

function stamp(...files: string[]): string {
  return files.map((file) => statSync(file).mtimeMs).join();
}
