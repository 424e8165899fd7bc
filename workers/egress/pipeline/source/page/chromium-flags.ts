/** What one start of Chromium depends on. */
export type ChromiumWish = {
  /** The program's size. */
  width: number;
  height: number;
  /** Its profile: empty, ours, deleted afterwards. */
  profile: string;
  sandbox: boolean;
  /** Title of the tab that `getDisplayMedia` gives without asking. */
  captureTitle: string;
  /** WebRTC past the guard, for templates, which join LiveKit by it. */
  webrtc: boolean;
  /** `/dev/shm` is too small for pictures. */
  smallShm: boolean;
  /** The operator's: true = `--name`, text = `--name=value`, false = takes one of ours away. */
  flags: Record<string, string | boolean>;
};

/** What an operator may change. */
const USUAL: Record<string, string | true> = {
  'disable-gpu': true,
  'hide-scrollbars': true,
  'autoplay-policy': 'no-user-gesture-required',
  'disable-background-timer-throttling': true,
  'disable-backgrounding-occluded-windows': true,
  'disable-renderer-backgrounding': true,
  'force-color-profile': 'srgb',
  lang: 'en-US',
};

/** Nothing is asked, nothing is sent home, nothing is kept. */
const QUIET: Record<string, string | true> = {
  'no-first-run': true,
  'no-default-browser-check': true,
  'password-store': 'basic',
  'disable-breakpad': true,
  'disable-component-update': true,
  'disable-background-networking': true,
  'disable-client-side-phishing-detection': true,
  'disable-domain-reliability': true,
  'disable-default-apps': true,
  'disable-extensions': true,
  'disable-sync': true,
  'disable-notifications': true,
  'disable-infobars': true,
  'metrics-recording-only': true,
  'deny-permission-prompts': true,
  'disable-features': 'Translate,MediaRouter,OptimizationHints,AutofillServerCommunication,LocalNetworkAccessChecks',
};

/** Chromium's switches for drawing one page. Those that guard it cannot be changed. */
export function chromiumFlags(wish: ChromiumWish): string[] {
  const flags: Record<string, string | boolean> = { ...USUAL, ...QUIET, ...wish.flags };
  const guarding: Record<string, string | boolean> = {
    headless: 'new',
    'remote-debugging-pipe': true,
    'user-data-dir': wish.profile,
    'window-size': `${wish.width},${wish.height}`,
    'screen-info': `{${wish.width}x${wish.height}}`,
    'auto-select-tab-capture-source-by-title': wish.captureTitle,
    // Chromium's own errands (sign-in, updates) lead nowhere; the page's context has the guard as its proxy. No name is looked up here.
    'proxy-server': 'http://127.0.0.1:9',
    'proxy-bypass-list': '<-loopback>',
    'host-resolver-rules': 'MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    'disable-quic': true,
    'webrtc-ip-handling-policy': wish.webrtc ? 'default' : 'disable_non_proxied_udp',
    'no-sandbox': !wish.sandbox,
    'disable-dev-shm-usage': wish.smallShm,
  };
  for (const name of ['remote-debugging-port', 'remote-debugging-address', 'load-extension']) delete flags[name];
  return Object.entries({ ...flags, ...guarding }).flatMap(([name, value]) =>
    value === false ? [] : value === true ? [`--${name}`] : [`--${name}=${value}`],
  );
}
