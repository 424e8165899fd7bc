/**
 * Import rules between the rooms (ARCHITECTURE.md has them as a table). One way only; the guard that the linter really saw the files is in
 * infra/checks/lint.mjs.
 */
const TESTS = '(\\.(test|contract)\\.tsx?$|/(fixtures|testing)/)';
const rule = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
/** Everything of ours under app, workers, player and infra except what `allowed` matches. */
const oursBut = (allowed) => ({ path: '^(app|workers|player|infra)/', pathNot: allowed });

module.exports = {
  forbidden: [
    rule('no-cycles', {}, { circular: true }, 'Cycles hide which part owns what; types count too.'),
    rule(
      'core-imports-core-and-zod',
      { path: '^app/_core/', pathNot: TESTS },
      { pathNot: ['^app/_core/', '^node_modules/zod/'] },
      'The domain does no I/O and knows no framework.',
    ),
    rule(
      'adapters-know-core-and-their-own-sdk',
      { path: '^app/_adapters/([^/]+)/', pathNot: TESTS },
      oursBut(['^app/_core/', '^app/_adapters/$1/']),
      'An adapter never imports another adapter.',
    ),
    rule(
      'only-wiring-builds-adapters',
      { path: '^(app|workers)/', pathNot: ['^app/_(adapters|wiring)/', TESTS] },
      { path: '^app/_adapters/' },
      'Everyone else gets services from the wiring.',
    ),
    rule(
      'wiring-imports-core-and-adapters',
      { path: '^app/_wiring/', pathNot: TESTS },
      oursBut(['^app/_(core|adapters|wiring)/']),
    ),
    rule(
      'realtime-is-a-room-of-its-own',
      { path: '^app/_realtime/', pathNot: TESTS },
      oursBut(['^app/_(core|wiring|realtime)/']),
    ),
    rule(
      'contract-is-core-types-only',
      { path: '^app/_realtime/contract\\.ts$' },
      { pathNot: ['^app/_core/', '^node_modules/zod/'] },
    ),
    rule(
      'playback-is-a-room-of-its-own',
      { path: '^app/_playback/', pathNot: TESTS },
      oursBut(['^app/_(core|wiring|playback)/']),
    ),
    rule(
      'control-is-a-room-of-its-own',
      { path: '^workers/control/', pathNot: TESTS },
      oursBut(['^app/_(core|wiring)/', '^workers/control/']),
    ),
    rule(
      'interface-parts-know-types-contract-and-player',
      { path: '^app/_ui/', pathNot: TESTS },
      oursBut(['^app/_ui/', '^app/_core/', '^app/_realtime/contract\\.ts$', '^player/src/(index\\.ts|react/)']),
    ),
    rule(
      'routes-use-the-wiring',
      { path: '^app/(api|\\(|embed|layouts|sign-in|first-run)', pathNot: TESTS },
      { path: ['^app/_(adapters|playback)/', '^app/_realtime/(?!contract\\.ts$)', '^workers/', '^infra/'] },
    ),
    rule('bus-knows-no-egress-and-no-ingress', { path: '^workers/bus/', pathNot: TESTS }, oursBut(['^workers/bus/'])),
    rule(
      'egress-worker-stays-in-its-rooms',
      { path: '^workers/egress/', pathNot: TESTS },
      oursBut([
        '^workers/(egress|bus)/',
        '^app/_core/(scene|playback|shared)/',
        '^app/_core/destination/(target-address|ip-address)\\.ts$',
      ]),
    ),
    rule(
      'egress-service-never-loads-the-pipeline',
      { path: '^workers/egress/service/', pathNot: TESTS },
      { path: '^workers/egress/pipeline/' },
    ),
    rule(
      'egress-pipeline-never-loads-the-service',
      { path: '^workers/egress/pipeline/', pathNot: TESTS },
      { path: '^workers/egress/service/' },
    ),
    rule(
      'only-run-pipeline-joins-the-rooms',
      { path: '^workers/egress/pipeline/(source|compose|encode|package|output)/', pathNot: TESTS },
      {
        path: '^workers/egress/pipeline/(source|compose|encode|package|output)/',
        pathNot: '^workers/egress/pipeline/$1/',
        dependencyTypesNot: ['type-only'],
      },
      'Rooms exchange types; only run-pipeline.ts sees all five.',
    ),
    rule(
      'ingest-worker-stays-in-its-rooms',
      { path: '^workers/ingest/', pathNot: TESTS },
      oursBut([
        '^workers/(ingest|bus)/',
        '^app/_core/(scene|playback|shared)/',
        '^app/_core/(ingest/(signal-health|ingest-note)|destination/(target-address|ip-address))\\.ts$',
      ]),
    ),
    rule(
      'native-media-libraries-in-children-only',
      {
        path: '^(app|workers)/',
        pathNot: ['^workers/egress/pipeline/', '^workers/ingest/(publish|pull/source)/', TESTS],
      },
      { path: '^node_modules/(node-av|@livekit/rtc-node|@napi-rs/canvas)/' },
      'A native crash takes the process along.',
    ),
    rule(
      'player-is-a-guest',
      { path: '^player/', pathNot: TESTS },
      { path: '^(app|workers|infra)/' },
      'It runs on other people’s pages.',
    ),
    rule(
      'only-hls-names-hlsjs',
      { path: '^player/', pathNot: ['^player/src/hls/', TESTS] },
      { path: '^node_modules/hls\\.js/' },
    ),
    rule(
      'only-webrtc-names-livekit',
      { path: '^player/', pathNot: ['^player/src/webrtc/', TESTS] },
      { path: '^node_modules/livekit-client/' },
      'It is loaded only when a seat is asked for.',
    ),
    rule('nobody-imports-infra', { path: '^(app|workers|player)/', pathNot: TESTS }, { path: '^infra/' }),
    rule(
      'only-env-files-see-each-other',
      { path: '^workers/(egress|ingest)/', pathNot: TESTS },
      { path: '^app/_wiring/' },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['/dist/', '\\.next/', 'public/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
