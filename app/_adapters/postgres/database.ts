import { Pool, type PoolClient, type QueryResult, type QueryResultRow } from 'pg';
import { AppError } from '#core/shared/app-error';

/** Longest a statement may run; a stuck one must not hold a page. */
const STATEMENT_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Beyond the statement's own time the answer is not waited for: a database that hangs keeps no time itself. */
const SILENCE_MS = 1_000;
const CONNECTIONS = 10;

export type DatabaseOptions = {
  statementMs?: number;
  connections?: number;
  /** What was opened once stays open: where the server has no connection left, these are had. */
  keepOpen?: boolean;
};

/**
 * Opens a pool of connections; the first query makes the first connection.
 * Values always go in as parameters: no text of a caller ever becomes SQL.
 */
export function openDatabase(
  url: string,
  onError: (error: Error) => void = () => {},
  { statementMs = STATEMENT_TIMEOUT_MS, connections = CONNECTIONS, keepOpen = false }: DatabaseOptions = {},
): Pool {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    ...(keepOpen ? { idleTimeoutMillis: 0 } : {}),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: statementMs,
    query_timeout: statementMs + SILENCE_MS,
    keepAlive: true,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', onError);
  return pool;
}

export type Sql = Pick<Pool, 'query'> | PoolClient;

const UNIQUE_VIOLATION = '23505';

/** The violated unique index of an error, or null. */
export function violatedIndex(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error) || error.code !== UNIQUE_VIOLATION) return null;
  return 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : '';
}

/** Runs one statement; a database that cannot be reached becomes 'database-unavailable'. */
export async function run<Row extends QueryResultRow>(
  sql: Sql,
  text: string,
  values: readonly unknown[] = [],
): Promise<QueryResult<Row>> {
  try {
    return await sql.query<Row>(text, [...values]);
  } catch (error) {
    if (codeOf(error) === DISK_FULL) {
      throw new AppError('database-unavailable', {
        blame: 'operator',
        retry: 'with-back-off',
        message: "Nothing can be stored: the database's disk is full. Make room on it, then try again.",
        cause: error,
      });
    }
    if (isUnreachable(error)) {
      throw new AppError('database-unavailable', {
        blame: 'operator',
        retry: 'with-back-off',
        message: 'The database does not answer. Try again in a moment.',
        cause: error,
      });
    }
    throw error;
  }
}

const DISK_FULL = '53100';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  // 08…: connection exceptions; 57P…: shut down or starting; 53300: too many connections.
  return /^(08|57P|53300|ECONN|EPIPE|ENOTFOUND|ETIMEDOUT)/.test(code) || /timeout|terminated/i.test(error.message);
}
