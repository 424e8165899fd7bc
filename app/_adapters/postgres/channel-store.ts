import type { Channel } from '#core/channel/channel';
import type { ChannelStore } from '#core/channel/channel-store';
import { AppError } from '#core/shared/app-error';
import { run, type Sql, violatedIndex } from './database.ts';

type Row = { id: string; handle: string; name: string; owner_id: string; created_at: Date };

const COLUMNS = 'id, handle, name, owner_id, created_at';

/** Channels in PostgreSQL. */
export function postgresChannelStore(sql: Sql): ChannelStore {
  const one = async (where: string, value: string): Promise<Channel | null> => {
    const { rows } = await run<Row>(sql, `select ${COLUMNS} from channels where ${where}`, [value]);
    return rows[0] ? channelOf(rows[0]) : null;
  };
  return {
    async add(channel) {
      try {
        await run(sql, `insert into channels (${COLUMNS}) values ($1, $2, $3, $4, $5)`, [
          channel.id,
          channel.handle,
          channel.name,
          channel.ownerId,
          channel.createdAt,
        ]);
      } catch (error) {
        if (violatedIndex(error) === 'channels_handle') {
          throw new AppError('conflict', {
            blame: 'owner',
            retry: 'after-edit',
            field: 'handle',
            message: `The handle “${channel.handle}” is taken.`,
          });
        }
        throw error;
      }
    },
    getByHandle: (handle) => one('handle = $1', handle),
    get: (id) => one('id = $1', id),
    async findOfOwner(ownerId) {
      const { rows } = await run<Row>(
        sql,
        `select ${COLUMNS} from channels where owner_id = $1 order by created_at desc`,
        [ownerId],
      );
      return rows.map(channelOf);
    },
    async findAll(limit) {
      const { rows } = await run<Row>(sql, `select ${COLUMNS} from channels order by created_at desc limit $1`, [
        limit,
      ]);
      return rows.map(channelOf);
    },
  };
}

function channelOf(row: Row): Channel {
  return { id: row.id, handle: row.handle, name: row.name, ownerId: row.owner_id, createdAt: row.created_at };
}
