import '../../../native.ts';
import type { FromSrt, ToSrt } from './srt-messages.ts';
import type { SrtWriter } from './srt-writer.ts';

/**
 * The process that sends one destination's stream over SRT. libsrt's calls wait on the network inside FFmpeg, on libuv's threads: here
 * they can hold up nobody, and a process that hangs is killed by its parent. Writes one piece after the other and says when each is
 * taken; the parent keeps the queue. Why a connection failed is what libsrt prints on stderr, which the parent reads.
 */
type Connection = {
  attempt: number;
  writer: SrtWriter | null;
  pieces: Extract<ToSrt, { t: 'piece' }>[];
  over: boolean;
};

const EXIT_MS = 500;
let current: Connection | null = null;

const send = (message: FromSrt) => void (process.connected && process.send?.(message));

async function run(connection: Connection, { target, media }: Extract<ToSrt, { t: 'open' }>): Promise<void> {
  const { attempt } = connection;
  try {
    const { SrtWriter } = await quietly();
    connection.writer = await SrtWriter.open(target, media);
    send({ t: 'connected', attempt });
    await pump(connection, connection.writer);
  } catch {
    if (!connection.over) send({ t: 'lost', attempt });
  }
  connection.over = true;
  await connection.writer?.close();
}

/** FFmpeg's own lines would show the address with its secrets. */
async function quietly() {
  const { Log } = await import('node-av/lib');
  const { AV_LOG_QUIET } = await import('node-av/constants');
  Log.setLevel(AV_LOG_QUIET);
  return import('./srt-writer.ts');
}

let wake: () => void = () => {};

async function pump(connection: Connection, writer: SrtWriter): Promise<void> {
  while (!connection.over) {
    const piece = connection.pieces.shift();
    if (!piece) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    await writer.write(piece);
    send({ t: 'taken', attempt: connection.attempt, bytes: piece.data.length });
  }
}

function end(connection: Connection | null): void {
  if (!connection) return;
  connection.over = true;
  wake();
}

process.on('message', (message: ToSrt) => {
  if (message.t === 'open') {
    end(current);
    current = { attempt: message.attempt, writer: null, pieces: [], over: false };
    void run(current, message);
  } else if (current?.attempt !== message.attempt) return;
  else if (message.t === 'piece') {
    current.pieces.push(message);
    wake();
  } else end(current);
});

process.on('disconnect', () => {
  end(current);
  // A call that hangs would hold up an ordinary exit.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), EXIT_MS);
});
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
