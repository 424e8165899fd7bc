import {
  cameraConstraints,
  chooseDevice,
  type DeviceLists,
  type DeviceProblem,
  deviceProblem,
  listDevices,
  microphoneConstraints,
  type Resolution,
} from './device-choice.ts';

/** The tracks of this computer and what was chosen; changes are told to listeners, the snapshot is replaced, never edited. */
export type DeskSnapshot = {
  status: 'idle' | 'asking' | 'on';
  lists: DeviceLists;
  cameraId: string | null;
  microphoneId: string | null;
  resolution: Resolution;
  cameraOn: boolean;
  microphoneOn: boolean;
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
  cameraProblem: DeviceProblem | null;
  microphoneProblem: DeviceProblem | null;
  screenProblem: DeviceProblem | null;
};

export type DeskChoice = Pick<DeskSnapshot, 'cameraId' | 'microphoneId' | 'resolution'>;

export type DeskParts = {
  /** Absent on pages that are neither https nor localhost. */
  devices: Pick<
    MediaDevices,
    'getUserMedia' | 'getDisplayMedia' | 'enumerateDevices' | 'addEventListener' | 'removeEventListener'
  > | null;
  kept: DeskChoice;
  keep(choice: DeskChoice): void;
};

type Kind = 'camera' | 'microphone';

export class MediaDesk {
  #parts: DeskParts;
  #now: DeskSnapshot;
  #listeners = new Set<() => void>();
  // Raised by each request for tracks; an answer that comes late is thrown away with its tracks.
  #request = 0;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#now = {
      ...parts.kept,
      status: 'idle',
      lists: { cameras: [], microphones: [] },
      cameraOn: true,
      microphoneOn: true,
      camera: null,
      microphone: null,
      screen: null,
      cameraProblem: null,
      microphoneProblem: null,
      screenProblem: null,
    };
  }

  snapshot = (): DeskSnapshot => this.#now;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Asks for camera and microphone. One of both is enough to go on; the other's problem is told. */
  async open(): Promise<void> {
    const request = ++this.#request;
    this.#set({ status: 'asking', cameraProblem: null, microphoneProblem: null });
    const { camera, microphone, cameraProblem, microphoneProblem } = await this.#askForBoth();
    if (request !== this.#request) {
      camera?.stop();
      microphone?.stop();
      return;
    }
    this.#now.camera?.stop();
    this.#now.microphone?.stop();
    this.#watch('camera', camera);
    this.#watch('microphone', microphone);
    if (microphone) microphone.enabled = this.#now.microphoneOn;
    this.#set({ status: camera || microphone ? 'on' : 'idle', camera, microphone, cameraProblem, microphoneProblem });
    this.#parts.devices?.removeEventListener('devicechange', this.#onDeviceChange);
    this.#parts.devices?.addEventListener('devicechange', this.#onDeviceChange);
    await this.#readLists();
  }

  /** Lets go of all devices. */
  close(): void {
    this.#request++;
    this.#parts.devices?.removeEventListener('devicechange', this.#onDeviceChange);
    for (const track of [this.#now.camera, this.#now.microphone, this.#now.screen]) track?.stop();
    this.#set({ status: 'idle', camera: null, microphone: null, screen: null });
  }

  async chooseCamera(cameraId: string): Promise<void> {
    this.#choose({ cameraId });
    if (this.#now.status === 'on' && this.#now.cameraOn) await this.#renew('camera');
  }

  async chooseMicrophone(microphoneId: string): Promise<void> {
    this.#choose({ microphoneId });
    if (this.#now.status === 'on') await this.#renew('microphone');
  }

  async chooseResolution(resolution: Resolution): Promise<void> {
    this.#choose({ resolution });
    if (this.#now.status === 'on' && this.#now.cameraOn) await this.#renew('camera');
  }

  /** Off means that the camera's light goes out, not that black is sent. */
  async switchCamera(on: boolean): Promise<void> {
    this.#set({ cameraOn: on });
    if (on) return this.#renew('camera');
    this.#request++;
    this.#now.camera?.stop();
    this.#set({ camera: null });
  }

  /** Off sends silence; the device stays open, so that coming back takes no time. */
  switchMicrophone(on: boolean): void {
    if (this.#now.microphone) this.#now.microphone.enabled = on;
    this.#set({ microphoneOn: on });
  }

  async shareScreen(): Promise<void> {
    this.#set({ screenProblem: null });
    try {
      if (!this.#parts.devices) throw new DOMException('', 'NotSupportedError');
      const stream = await this.#parts.devices.getDisplayMedia({ video: { frameRate: 30 }, audio: false });
      const screen = stream.getVideoTracks()[0] ?? null;
      screen?.addEventListener('ended', () => this.#now.screen === screen && this.#set({ screen: null }));
      this.#now.screen?.stop();
      this.#set({ screen });
    } catch (error) {
      const problem = this.#problemOf(error);
      // Closing the browser's own picker is a choice, not a problem.
      this.#set({ screenProblem: problem === 'denied' ? null : problem });
    }
  }

  stopScreen(): void {
    this.#now.screen?.stop();
    this.#set({ screen: null });
  }

  async #askForBoth() {
    const { cameraId, microphoneId, resolution, cameraOn } = this.#now;
    const none = { camera: null, microphone: null, cameraProblem: null, microphoneProblem: null };
    const wanted = {
      video: cameraOn ? cameraConstraints(await this.#stillThere('camera', cameraId), resolution) : false,
      audio: microphoneConstraints(await this.#stillThere('microphone', microphoneId)),
    };
    try {
      // Both at once: one question to the person instead of two.
      const stream = await this.#getUserMedia(wanted);
      return { ...none, camera: stream.getVideoTracks()[0] ?? null, microphone: stream.getAudioTracks()[0] ?? null };
    } catch {
      const [camera, microphone] = [
        wanted.video ? await this.#ask({ video: wanted.video }) : null,
        await this.#ask({ audio: wanted.audio }),
      ];
      return {
        camera: camera?.track ?? null,
        cameraProblem: camera?.problem ?? null,
        microphone: microphone.track,
        microphoneProblem: microphone.problem,
      };
    }
  }

  async #renew(kind: Kind): Promise<void> {
    const request = ++this.#request;
    const { cameraId, microphoneId, resolution } = this.#now;
    // Phones open one camera at a time: the old one must be closed first.
    if (kind === 'camera') this.#now.camera?.stop();
    const { track, problem } = await this.#ask(
      kind === 'camera'
        ? { video: cameraConstraints(cameraId, resolution) }
        : { audio: microphoneConstraints(microphoneId) },
    );
    if (request !== this.#request) return track?.stop();
    if (kind === 'microphone') this.#now.microphone?.stop();
    if (kind === 'microphone' && track) track.enabled = this.#now.microphoneOn;
    this.#watch(kind, track);
    this.#set(
      kind === 'camera' ? { camera: track, cameraProblem: problem } : { microphone: track, microphoneProblem: problem },
    );
  }

  async #ask(
    constraints: MediaStreamConstraints,
  ): Promise<{ track: MediaStreamTrack | null; problem: DeviceProblem | null }> {
    try {
      const stream = await this.#getUserMedia(constraints);
      return { track: stream.getTracks()[0] ?? null, problem: null };
    } catch (error) {
      return { track: null, problem: this.#problemOf(error) };
    }
  }

  #getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
    if (!this.#parts.devices) return Promise.reject(new DOMException('', 'NotSupportedError'));
    return this.#parts.devices.getUserMedia(constraints);
  }

  #problemOf(error: unknown): DeviceProblem {
    return deviceProblem(error instanceof DOMException ? error.name : '', this.#parts.devices !== null);
  }

  /** The kept device, or null (any) when the browser lists others but not this one. */
  async #stillThere(kind: Kind, id: string | null): Promise<string | null> {
    if (!id || !this.#parts.devices) return null;
    const infos = await this.#parts.devices.enumerateDevices().catch(() => []);
    const lists = listDevices(infos);
    const devices = kind === 'camera' ? lists.cameras : lists.microphones;
    return devices.some((device) => device.id === id) ? id : null;
  }

  #onDeviceChange = () => void this.#readLists();

  async #readLists(): Promise<void> {
    const infos = await this.#parts.devices?.enumerateDevices().catch(() => []);
    const lists = listDevices(infos ?? []);
    const inUse = (track: MediaStreamTrack | null) => track?.getSettings().deviceId ?? null;
    this.#set({
      lists,
      cameraId: chooseDevice(lists.cameras, inUse(this.#now.camera) ?? this.#now.cameraId),
      microphoneId: chooseDevice(lists.microphones, inUse(this.#now.microphone) ?? this.#now.microphoneId),
    });
  }

  /** Tells when a device is pulled out. `ended` does not fire for tracks that we stopped. */
  #watch(kind: Kind, track: MediaStreamTrack | null): void {
    track?.addEventListener('ended', () => {
      if (this.#now[kind] !== track) return;
      this.#set(
        kind === 'camera' ? { camera: null, cameraProblem: 'gone' } : { microphone: null, microphoneProblem: 'gone' },
      );
    });
  }

  #choose(choice: Partial<DeskChoice>): void {
    this.#set(choice);
    const { cameraId, microphoneId, resolution } = this.#now;
    this.#parts.keep({ cameraId, microphoneId, resolution });
  }

  #set(change: Partial<DeskSnapshot>): void {
    this.#now = { ...this.#now, ...change };
    for (const listener of this.#listeners) listener();
  }
}
