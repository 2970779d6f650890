/** The few figures of a media leg that a person can act on, drawn from `getStats`. */

export interface LegStats {
  /** Bits per second of picture and sound since the mark before. */
  bitrate_bps: number;
  frames_per_s: number;
  width: number;
  height: number;
  /** Sent: pictures a second that the camera gave and nobody got, since there was no time for them. */
  dropped_per_s: number;
  /** Share of packets lost since the mark before, 0 to 1. */
  loss: number;
  /** Round trip in seconds; null until known. */
  rtt_s: number | null;
  /** Sent: what holds the picture back, `none` when nothing does. */
  limited_by: string;
  codec: string;
}

/** Where the counters stood, so that the next reading is of what happened since. */
export interface StatsMark {
  at_ms: number;
  bytes: number;
  frames: number;
  /** Pictures that the camera gave, where the browser tells. */
  taken: number;
  packets: number;
  lost: number;
}

type Direction = 'inbound-rtp' | 'outbound-rtp';

/** Reads a leg's counters and, against the mark before, its rates. */
export async function readStats(
  pc: RTCPeerConnection,
  direction: Direction,
  before: StatsMark | null,
): Promise<{ stats: LegStats | null; mark: StatsMark }> {
  const report = [...(await pc.getStats()).values()] as Record<string, unknown>[];
  const mark: StatsMark = { at_ms: performance.now(), bytes: 0, frames: 0, taken: 0, packets: 0, lost: 0 };
  let video: Record<string, unknown> | undefined;
  for (const row of report.filter((each) => each.type === direction)) {
    mark.bytes += number(row.bytesSent ?? row.bytesReceived);
    mark.packets += number(row.packetsSent ?? row.packetsReceived);
    mark.lost += number(row.packetsLost);
    if (row.kind === 'video') {
      // Of a picture in layers the largest; each is made of the same frames.
      if (number(row.frameHeight) >= number(video?.frameHeight)) video = row;
      mark.frames = Math.max(mark.frames, number(row.framesEncoded ?? row.framesDecoded));
    }
  }
  for (const row of report) {
    if (row.type === 'media-source' && row.kind === 'video') mark.taken += number(row.frames);
  }
  // What we send is counted as lost by the far side, in its receiver reports.
  const remote = report.filter((each) => each.type === 'remote-inbound-rtp');
  for (const row of remote) mark.lost += number(row.packetsLost);
  if (before === null || mark.at_ms <= before.at_ms) return { stats: null, mark };

  const elapsed_s = (mark.at_ms - before.at_ms) / 1000;
  const lost = Math.max(0, mark.lost - before.lost);
  const packets = Math.max(0, mark.packets - before.packets);
  const stats: LegStats = {
    bitrate_bps: Math.max(0, ((mark.bytes - before.bytes) * 8) / elapsed_s),
    frames_per_s: Math.max(0, (mark.frames - before.frames) / elapsed_s),
    dropped_per_s: mark.taken > 0 ? Math.max(0, (mark.taken - before.taken - (mark.frames - before.frames)) / elapsed_s) : 0,
    width: number(video?.frameWidth),
    height: number(video?.frameHeight),
    loss: lost + packets > 0 ? lost / (lost + packets) : 0,
    rtt_s: roundTrip(report, remote),
    limited_by: String(video?.qualityLimitationReason ?? 'none'),
    codec: codecName(report, video),
  };
  return { stats, mark };
}

function roundTrip(
  report: Record<string, unknown>[],
  remote: Record<string, unknown>[],
): number | null {
  const pair = report.find((row) => row.type === 'candidate-pair' && row.nominated === true);
  const told = pair?.currentRoundTripTime ?? remote[0]?.roundTripTime;
  return typeof told === 'number' ? told : null;
}

function codecName(report: Record<string, unknown>[], video: Record<string, unknown> | undefined): string {
  const codec = report.find((row) => row.id === video?.codecId);
  return typeof codec?.mimeType === 'string' ? codec.mimeType.replace(/^video\//i, '') : '';
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
