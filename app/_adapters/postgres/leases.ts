import type { Leases } from '#core/shared/leases';
import { run, type Sql } from './database.ts';

/** Leases by the database's clock: the workers' clocks need not agree. */
export function postgresLeases(sql: Sql): Leases {
  return {
    async take(name, holder, lifeMs) {
      const { rowCount } = await run(
        sql,
        `insert into leases (name, holder, until) values ($1, $2, now() + make_interval(secs => $3))
         on conflict (name) do update set holder = excluded.holder, until = excluded.until
           where leases.until < now() or leases.holder = excluded.holder`,
        [name, holder, lifeMs / 1000],
      );
      return rowCount === 1;
    },
    async release(name, holder) {
      await run(sql, 'delete from leases where name = $1 and holder = $2', [name, holder]);
    },
  };
}
