/** Cameras, microphones and screens: asking for them, naming what went wrong, remembering a choice. */

export interface Devices {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
}

/** Why a device cannot be had; each has its own sentence and its own way out. */
export type DeviceProblem = 'denied' | 'not_found' | 'in_use' | 'insecure' | 'cancelled' | 'unknown';

export type Captured = { ok: true; stream: MediaStream } | { ok: false; problem: DeviceProblem };

export interface CaptureWish {
  /** A device's id; null for none of that kind; absent for the remembered or the system's own. */
  camera?: string | null;
  microphone?: string | null;
}

const REMEMBERED = { camera: 'causerie.camera', microphone: 'causerie.microphone' } as const;

/** Lists what is plugged in. Names are empty until the person has allowed capture once. */
export async function listDevices(): Promise<Devices> {
  const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return {
    cameras: found.filter((device) => device.kind === 'videoinput'),
    microphones: found.filter((device) => device.kind === 'audioinput'),
  };
}

/** Calls back whenever something is plugged in or out; gives back how to stop that. */
export function onDeviceChange(changed: () => void): () => void {
  navigator.mediaDevices?.addEventListener('devicechange', changed);
  return () => navigator.mediaDevices?.removeEventListener('devicechange', changed);
}

/** Opens camera and microphone as wished. Nothing leaves the machine by this. */
export async function capture(wish: CaptureWish = {}): Promise<Captured> {
  const camera = wish.camera === undefined ? recall('camera') : wish.camera;
  const microphone = wish.microphone === undefined ? recall('microphone') : wish.microphone;
  const picture = wish.camera !== null && {
    // `ideal`, so that a camera that was unplugged since gives way to another one.
    ...(camera ? { deviceId: { ideal: camera } } : {}),
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
  };
  const sound = wish.microphone !== null && {
    ...(microphone ? { deviceId: { ideal: microphone } } : {}),
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
  };
  const captured = await ask((devices) => devices.getUserMedia({ video: picture, audio: sound }));
  if (captured.ok) {
    if (wish.camera) remember('camera', wish.camera);
    if (wish.microphone) remember('microphone', wish.microphone);
  }
  return captured;
}

/** Opens a screen, a window or a tab of the person's choice, with its sound where the browser can. */
export async function captureScreen(): Promise<Captured> {
  const captured = await ask((devices) =>
    devices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: true }),
  );
  if (captured.ok) {
    // Sharp text matters more than smooth motion.
    for (const track of captured.stream.getVideoTracks()) track.contentHint = 'detail';
  } else if (captured.problem === 'denied') {
    // Browsers do not tell a closed picker from a refusal; nothing is wrong either way.
    return { ok: false, problem: 'cancelled' };
  }
  return captured;
}

/** Ends every track, so that the camera's light goes out. */
export function release(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

async function ask(open: (devices: MediaDevices) => Promise<MediaStream>): Promise<Captured> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) return { ok: false, problem: 'insecure' };
  try {
    return { ok: true, stream: await open(devices) };
  } catch (error) {
    return { ok: false, problem: nameOf(error) };
  }
}

function nameOf(error: unknown): DeviceProblem {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'not_found';
    case 'NotReadableError':
    case 'AbortError':
      return 'in_use';
    default:
      return 'unknown';
  }
}

function recall(kind: keyof typeof REMEMBERED): string | null {
  return localStorage.getItem(REMEMBERED[kind]);
}

function remember(kind: keyof typeof REMEMBERED, deviceId: string): void {
  localStorage.setItem(REMEMBERED[kind], deviceId);
}
