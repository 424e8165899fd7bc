import {
  EgressStatus,
  type RoomCompositeEgressRequest,
  S3Upload,
  SegmentedFileOutput,
  StreamInfo_Status,
} from '@livekit/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EndCause, PushReport } from '../plan.ts';
import { toEgressInfo } from './egress-info.ts';
import {
  addStream,
  becomeActive,
  becomeEnding,
  beginEgress,
  countSegments,
  type EgressState,
  endEgress,
  isFinal,
  removeStream,
  reportStream,
} from './egress-state.ts';
import { appRequest, streamTo, testConfig } from './fixtures/requests.ts';
import { pushIdOf } from './push-url.ts';
import { acceptRequest } from './requests.ts';

const config = testConfig();
const URL_A = 'rtmp://a.example/live/secretkeyA';
const URL_B = 'rtmp://b.example/live/secretkeyB';
const id = (url: string) => pushIdOf(config.livekit.apiSecret, url);
const begin = (urls: string[] = [URL_A], more: Partial<RoomCompositeEgressRequest> = {}) => {
  const request = appRequest('EG_1', 'ch_1', urls, more);
  return beginEgress(request, acceptRequest(request, config, 0), 1_000);
};
const report = (more: Partial<PushReport> = {}): PushReport => ({
  id: id(URL_A),
  state: 'pushing',
  bitrateKbps: 3000,
  droppedFrames: 0,
  retries: 0,
  lastError: null,
  sinceMs: 0,
  startedAtMs: 2_000,
  endedAtMs: null,
  ...more,
});
const end = (cause: EndCause, error: string | null = null) => ({
  cause,
  error,
  segments: { count: 9, bytes: 900, durationMs: 9_000 },
});

test('EgressInfo holds every field LiveKit clients read, times in ns, and no secret', () => {
  let state = becomeActive(begin(), 2_000, 2_100);
  state = reportStream(state, report(), 2_200);
  state = countSegments(state, { count: 3, bytes: 300, durationMs: 3_000 });
  const info = toEgressInfo(endEgress(state, end('stop-asked'), 12_000));
  expect(info).toMatchObject({
    egressId: 'EG_1',
    roomId: 'RM_1',
    roomName: 'ch_1',
    status: EgressStatus.EGRESS_COMPLETE,
    startedAt: 2_000_000_000n,
    endedAt: 12_000_000_000n,
    updatedAt: 12_000_000_000n,
    error: '',
    errorCode: 0,
    details: 'End reason: StopEgress API',
    request: { case: 'roomComposite' },
    result: { case: undefined },
  });
  expect(info.streamResults[0]).toMatchObject({
    url: 'rtmp://a.example/live/{sec...eyA}',
    startedAt: 2_000_000_000n,
    endedAt: 12_000_000_000n,
    duration: 10_000_000_000n,
    status: StreamInfo_Status.FINISHED,
  });
  expect(info.segmentResults[0]).toMatchObject({
    playlistName: 'media/pb_1/index.m3u8',
    playlistLocation: 'http://127.0.0.1:2/openair/media/pb_1/index.m3u8',
    segmentCount: 9n,
    size: 900n,
    duration: 9_000_000_000n,
  });
  expect(info.toJsonString()).not.toMatch(/secretkey/);
});

test('storage secrets of a request are masked in its record and stay whole in the plan', () => {
  const s3 = new S3Upload({ accessKey: 'AKIAhunter2', secret: 'hunter2', bucket: 'b', endpoint: 'http://s' });
  const request = appRequest('EG_1', 'ch_1', [], {
    segmentOutputs: [new SegmentedFileOutput({ output: { case: 's3', value: s3 } })],
  });
  const accepted = acceptRequest(request, config, 0);
  expect(toEgressInfo(beginEgress(request, accepted, 0)).toJsonString()).not.toContain('hunter2');
  expect(accepted.plan.segments?.storage.secretKey).toBe('hunter2');
});

test('the old result is filled only when there is a single output', () => {
  expect(toEgressInfo(begin([])).result.case).toBe('segments');
  expect(toEgressInfo(begin([], { segmentOutputs: [], streamOutputs: [streamTo(URL_A)] })).result.case).toBe('stream');
  expect(toEgressInfo(begin()).result.case).toBeUndefined();
});

test('how an egress ends decides status, code and details', () => {
  const active = becomeActive(begin(), 2_000, 2_000);
  const endings: [EgressState, EndCause, string | null, Partial<EgressState>][] = [
    [active, 'stop-asked', null, { status: EgressStatus.EGRESS_COMPLETE, errorCode: 0 }],
    [active, 'room-deleted', null, { status: EgressStatus.EGRESS_COMPLETE, details: 'End reason: Source closed' }],
    [active, 'source-gone', null, { status: EgressStatus.EGRESS_COMPLETE, details: 'End reason: Source closed' }],
    [
      active,
      'streams-gone',
      null,
      { status: EgressStatus.EGRESS_COMPLETE, details: 'End reason: All streams stopped' },
    ],
    [active, 'limit', null, { status: EgressStatus.EGRESS_LIMIT_REACHED, errorCode: 413 }],
    [
      active,
      'storage-refused',
      'no bucket',
      { status: EgressStatus.EGRESS_FAILED, errorCode: 400, error: 'no bucket' },
    ],
    [active, 'failed', 'encoder lost', { status: EgressStatus.EGRESS_FAILED, errorCode: 500, error: 'encoder lost' }],
    [
      begin(),
      'stop-asked',
      null,
      { status: EgressStatus.EGRESS_ABORTED, errorCode: 412, error: 'Stop called before pipeline could start' },
    ],
    [
      begin(),
      'streams-gone',
      null,
      { status: EgressStatus.EGRESS_ABORTED, errorCode: 412, details: 'End reason: All streams stopped' },
    ],
    [
      begin(),
      'source-gone',
      null,
      { status: EgressStatus.EGRESS_ABORTED, errorCode: 412, error: 'Start signal not received' },
    ],
    [begin(), 'failed', 'no room', { status: EgressStatus.EGRESS_FAILED, errorCode: 500 }],
  ];
  for (const [state, cause, error, expected] of endings) {
    expect(endEgress(state, end(cause, error), 9_000)).toMatchObject({ ...expected, endedAtMs: 9_000 });
  }
});

test('a push that retries is ACTIVE on the wire without a start, a failed one says why', () => {
  const retrying = reportStream(
    begin(),
    report({ state: 'retrying', startedAtMs: null, retries: 2, lastError: { code: 'x', sentence: 'refused' } }),
    5_000,
  );
  expect(toEgressInfo(retrying).streamResults[0]).toMatchObject({
    status: StreamInfo_Status.ACTIVE,
    startedAt: 0n,
    retries: 2,
    lastRetryAt: 5_000_000_000n,
    error: 'refused',
  });
  const failed = reportStream(
    retrying,
    report({ state: 'failed', retries: 3, lastError: { code: 'x', sentence: 'wrong key' } }),
    6_000,
  );
  expect(toEgressInfo(failed).streamResults[0]).toMatchObject({
    status: StreamInfo_Status.FAILED,
    error: 'wrong key',
    endedAt: 6_000_000_000n,
  });
  // Retried by hand: it lives again.
  expect(reportStream(failed, report(), 7_000).streams[0]).toMatchObject({
    status: StreamInfo_Status.ACTIVE,
    endedAtMs: 0,
  });
});

test('a removed push stays finished whatever its pipeline still reports, and added again it is a new entry', () => {
  const b = { id: id(URL_B), url: URL_B };
  let state = addStream(begin(), b, 2_000);
  expect(addStream(state, b, 2_000)).toBe(state);
  state = removeStream(state, b.id, 3_000);
  expect(reportStream(state, report({ id: b.id }), 4_000)).toBe(state);
  expect(removeStream(state, b.id, 5_000)).toBe(state);
  state = addStream(state, b, 6_000);
  expect(state.streams.map(({ status }) => status)).toEqual([0, StreamInfo_Status.FINISHED, 0]);
  expect(reportStream(state, report({ id: 'unknown' }), 7_000)).toBe(state);
});

test('whatever facts come in whatever order, a final state stays and rank never falls', () => {
  const b = { id: id(URL_B), url: URL_B };
  const facts: ((state: EgressState) => EgressState)[] = [
    (s) => becomeActive(s, 2_000, 2_000),
    (s) => becomeEnding(s, 'x', 3_000),
    (s) => endEgress(s, end('stop-asked'), 4_000),
    (s) => endEgress(s, end('failed', 'y'), 4_000),
    (s) => reportStream(s, report(), 3_000),
    (s) => addStream(s, b, 3_000),
    (s) => removeStream(s, b.id, 3_000),
    (s) => countSegments(s, { count: 1, bytes: 1, durationMs: 1 }),
  ];
  fc.assert(
    fc.property(fc.array(fc.nat(facts.length - 1), { maxLength: 30 }), (order) => {
      let state = begin();
      for (const index of order) {
        const next = facts[index]!(state);
        expect(next.status).toBeGreaterThanOrEqual(state.status);
        if (isFinal(state.status))
          expect([next.status, next.error, next.endedAtMs]).toEqual([state.status, state.error, state.endedAtMs]);
        toEgressInfo(next);
        state = next;
      }
    }),
  );
});
