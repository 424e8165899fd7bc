import { spawn } from 'node:child_process';
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A camera of a test's: ffmpeg plays a film over and over as RTP, and a small RTSP server (RFC 2326) passes it on, interleaved in TCP. */
export async function startCamera(
  film: string,
  sdpPath: string,
): Promise<{ url: string; requests: string[]; close(): void }> {
  const tracks = await Promise.all([bound(), bound()]);
  const ports = tracks.map((track) => track.address().port);
  const rtp = (map: string, port: number) => ['-map', map, '-c', 'copy', '-f', 'rtp', `rtp://127.0.0.1:${port}`];
  const args = ['-hide_banner', '-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', film];
  const [video = 0, audio = 0] = ports;
  const player = spawn('ffmpeg', [...args, ...rtp('0:v', video), ...rtp('0:a', audio), '-sdp_file', sdpPath]);
  while (!existsSync(sdpPath) || readFileSync(sdpPath, 'utf8').split('m=').length < 3) await wait(50);
  const sdp = asServed(readFileSync(sdpPath, 'utf8'));
  const watchers = new Map<Socket, Map<number, number>>();
  tracks.forEach((track, index) => {
    track.on('message', (packet) => {
      for (const [socket, channels] of watchers) {
        const channel = channels.get(index);
        if (channel === undefined || !socket.writable) continue;
        const head = Buffer.from([0x24, channel, 0, 0]);
        head.writeUInt16BE(packet.length, 2);
        socket.write(Buffer.concat([head, packet]));
      }
    });
  });
  const requests: string[] = [];
  let isClosed = false;
  const server = createServer((socket) => {
    const channels = new Map<number, number>();
    let text = '';
    socket.on('error', () => undefined);
    socket.on('close', () => watchers.delete(socket));
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(text.search(/[A-Z]/), end);
        text = text.slice(end + 4);
        const [method = '', address = ''] = request.split(' ');
        requests.push(method);
        const header = (name: string) => new RegExp(`^${name}: *(.+)$`, 'im').exec(request)?.[1]?.trim() ?? '';
        const answer = (headers: string[], body = '') =>
          socket.write(
            `RTSP/1.0 200 OK\r\nCSeq: ${header('CSeq')}\r\nSession: 7\r\n${headers.map((one) => `${one}\r\n`).join('')}\r\n${body}`,
          );
        if (method === 'DESCRIBE') answer(['Content-Type: application/sdp', `Content-Length: ${sdp.length}`], sdp);
        else if (method === 'SETUP') {
          const transport = header('Transport');
          channels.set(Number(/track(\d)/.exec(address)?.[1]), Number(/interleaved=(\d+)/.exec(transport)?.[1]));
          answer([`Transport: ${transport}`]);
        } else {
          answer(method === 'OPTIONS' ? ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN'] : []);
          if (method === 'PLAY') watchers.set(socket, channels);
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/camera`,
    requests,
    close() {
      if (isClosed) return;
      isClosed = true;
      player.kill('SIGKILL');
      for (const socket of watchers.keys()) socket.destroy();
      server.close();
      for (const track of tracks) track.close();
    },
  };
}

/** ffmpeg's description as a server gives it: tracks with names instead of ports. */
function asServed(sdp: string): string {
  let track = 0;
  const body = sdp.slice(sdp.indexOf('v=0')).replace(/\r?\n/g, '\r\n');
  return body.replace(/^m=(\w+) \d+ (.*)\r\n/gm, (_line, kind: string, rest: string) => {
    track += 1;
    return `m=${kind} 0 ${rest}\r\na=control:track${track - 1}\r\n`;
  });
}

function bound(): Promise<Datagrams> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(socket)));
}
