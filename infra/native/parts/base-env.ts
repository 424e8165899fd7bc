const PASSED_ON = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'USER',
];

/** What every process is given of the operator's environment; the rest of it is none of its business. */
export function baseEnv(): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) =>
    process.env[name] ? [[name, process.env[name]] as [string, string]] : [],
  );
  const env = Object.fromEntries(passed);
  // Debian keeps servers where a user's PATH may not look.
  return { ...env, PATH: `${env.PATH ?? '/usr/local/bin:/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin` };
}
