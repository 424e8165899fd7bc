import { describeFeedContract } from '#core/playback/feed-reader.contract';
import { describeRevocationsContract } from '#core/playback/revocations.contract';
import { describeShowRegistryContract } from '#core/playback/show-registry.contract';
import { describeLateUploadsContract } from '#core/recording/late-uploads.contract';
import { describeMediaStorageContract } from '#core/recording/media-storage.contract';
import { describeAudienceContract } from '#core/viewer/audience.contract';
import { describeQualityBookContract } from '#core/viewer/quality-book.contract';
import { describeSeatBookContract } from '#core/viewer/seat-book.contract';
import { createMemoryAudience } from './audience.ts';
import { createMemoryLateUploads } from './late-uploads.ts';
import { MemoryLiveFeed } from './live-feed.ts';
import { createMemoryMediaStorage } from './media-storage.ts';
import { createMemoryQualityBook } from './quality-book.ts';
import { createMemoryRevocations } from './revocations.ts';
import { createMemorySeatBook } from './seat-book.ts';
import { createMemoryShowRegistry } from './show-registry.ts';

describeMediaStorageContract('memory', () => ({ storage: createMemoryMediaStorage(), prefix: 'media/pb_x/' }));
describeAudienceContract('memory', (clock) => ({ audience: createMemoryAudience(clock), playbackId: 'pb_x' }));
describeShowRegistryContract('memory', () => ({ shows: createMemoryShowRegistry(), playbackId: 'pb_x' }));
describeQualityBookContract('memory', () => ({ book: createMemoryQualityBook(), playbackId: 'pb_x' }));
describeSeatBookContract('memory', async (clock) => createMemorySeatBook(clock));
describeRevocationsContract('memory', () => ({ revocations: createMemoryRevocations(), playbackId: 'pb_x' }));
describeLateUploadsContract('memory', () => {
  const uploads = createMemoryLateUploads();
  return { uploads, playbackId: 'pb_x', note: async (playbackId, upload) => uploads.note(playbackId, upload) };
});
describeFeedContract('memory', () => {
  const feed = new MemoryLiveFeed();
  return {
    reader: feed,
    status: feed,
    playbackId: 'pb_x',
    writer: {
      record: async (record) => feed.writeRecord('pb_x', record),
      init: async (rendition, epoch, bytes) => feed.writeInit('pb_x', rendition, epoch, bytes),
      append: async (rendition, entries, index) => feed.append('pb_x', rendition, entries, index),
    },
  };
});
