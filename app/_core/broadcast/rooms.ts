import type { ChannelStore } from '#core/channel/channel-store';
import type { DestinationStore, PushRemovals } from '#core/destination/destination-store';
import type { PushIds } from '#core/destination/push-url';
import type { EgressRunner } from '#core/egress/egress-runner';
import type { MediaRoom } from '#core/egress/media-room';
import type { IngressRegistry } from '#core/ingest/ingress-registry';
import type { FeedStatus } from '#core/playback/feed-status';
import type { ShowRegistry } from '#core/playback/show';
import type { Clock } from '#core/shared/clock';
import type { Ids } from '#core/shared/ids';
import type { JobQueue } from '#core/shared/job-queue';
import type { Log } from '#core/shared/log';
import type { Audience } from '#core/viewer/audience';
import type { PasswordHasher } from '#core/viewer/show-password';
import type { BroadcastStore } from './broadcast-store.ts';
import type { RungName } from './choose-program.ts';
import type { NewsWire } from './news.ts';
import type { PublicAddresses } from './public-view.ts';
import type { RecordingStore } from './recording-store.ts';

/** All that the use cases of a broadcast reach; each one names what it takes. */
export type BroadcastRooms = {
  stores: {
    channels: ChannelStore;
    broadcasts: BroadcastStore;
    recordings: RecordingStore;
    destinations: DestinationStore;
    pushRemovals: PushRemovals;
  };
  mediaRoom: MediaRoom;
  egress: EgressRunner;
  ingresses: Pick<IngressRegistry, 'findPicture'>;
  pushIds: PushIds;
  feedStatus: Pick<FeedStatus, 'get'>;
  audience: Pick<Audience, 'count'>;
  shows: Pick<ShowRegistry, 'put'>;
  news: Pick<NewsWire, 'publish'>;
  jobs: JobQueue;
  addresses: PublicAddresses;
  limits: { maxBroadcasts: number; reconnectWindowS: number; defaultRungs: readonly [RungName, ...RungName[]] };
  passwords: PasswordHasher;
  clock: Clock;
  ids: Ids;
  log: Log;
};
