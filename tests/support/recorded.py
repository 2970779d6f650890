"""A publisher whose picture and sound say when they were made, and what a file shows of that."""

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import numpy as np
from playwright.async_api import Page

BLOCKS: Final = 24
TICK_MS: Final = 5

PUBLISH: Final = """
async ({ url, token, codec }) => {
  const blocks = 24, tick = 5, now = () => performance.timeOrigin + performance.now();
  const canvas = Object.assign(document.createElement('canvas'), { width: 384, height: 160 });
  const pen = canvas.getContext('2d');
  // The moment in the picture: 24 black or white fields, 5 ms to the lowest.
  setInterval(() => {
    const count = Math.floor(now() / tick) % 2 ** blocks;
    for (let bit = 0; bit < blocks; bit += 1) {
      pen.fillStyle = (count >> bit) & 1 ? '#fff' : '#000';
      pen.fillRect((bit % 12) * 32, Math.floor(bit / 12) * 80, 32, 80);
    }
  }, 15);
  // A tone that begins with every second.
  const audio = new AudioContext();
  const [tone, gate] = [audio.createOscillator(), audio.createGain()];
  const out = audio.createMediaStreamDestination();
  tone.frequency.value = 880;
  gate.gain.value = 0;
  tone.connect(gate).connect(out);
  tone.start();
  await audio.resume();
  let next = Math.ceil(now() / 1000) * 1000 + 1000;
  setInterval(() => {
    for (; next < now() + 3000; next += 1000) {
      const at = audio.currentTime + (next - now()) / 1000;
      gate.gain.setValueAtTime(0.8, at);
      gate.gain.setValueAtTime(0, at + 0.3);
    }
  }, 500);
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  peer.addTransceiver(out.stream.getAudioTracks()[0], { direction: 'sendonly' });
  const picture = canvas.captureStream(30).getVideoTracks()[0];
  const video = peer.addTransceiver(picture, { direction: 'sendonly' });
  video.setCodecPreferences(RTCRtpSender.getCapabilities('video').codecs.filter(
    (each) => [`video/${codec}`, 'video/rtx'].includes(each.mimeType),
  ));
  await peer.setLocalDescription();
  await new Promise((resolve) => {
    if (peer.iceGatheringState === 'complete') resolve();
    peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve();
    setTimeout(resolve, 1000);
  });
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${token}` },
    body: peer.localDescription.sdp,
  });
  if (reply.status !== 201) return `${reply.status} ${await reply.text()}`;
  await peer.setRemoteDescription({ type: 'answer', sdp: await reply.text() });
  window.published = peer;
  return '201';
}
"""


@dataclass(frozen=True)
class Seen:
    """What a file shows. ``pictures``: where in the file, and the moment that the picture tells;
    ``tones``: where a tone begins. Seconds; moments since 1970."""

    duration_s: float
    pictures: list[tuple[float, float]]
    tones: list[float]

    @property
    def first_moment(self) -> float:
        """The moment of the file's beginning, as its pictures tell."""
        return statistics.median(moment - at for at, moment in self.pictures)

    @property
    def sound_late_s(self) -> float:
        """How far the sound is behind the picture: a tone begins with a second."""
        begun = [self.first_moment + at for at in self.tones]
        return statistics.median(moment - round(moment) for moment in begun)


async def publish(page: Page, url: str, token: str, codec: str = "VP8") -> None:
    """Publish from this page until it is closed."""
    told = await page.evaluate(PUBLISH, {"url": url, "token": token, "codec": codec})
    assert told == "201", told


def seen_in(path: Path, near_s: float) -> Seen:
    """Decode a file whose pictures were made within hours of ``near_s``."""
    pictures, levels = [], []
    with av.open(str(path)) as file:
        duration_s = (file.duration or 0) / av.time_base
        for frame in file.decode(video=0, audio=0):
            if isinstance(frame, av.VideoFrame):
                pictures.append((float(frame.time or 0), _moment(frame, near_s)))
            elif isinstance(frame, av.AudioFrame):
                levels.append(_levels(frame))
    return Seen(duration_s, pictures, _beginnings(np.concatenate(levels)))


def _moment(frame: av.VideoFrame, near_s: float) -> float:
    grey = frame.to_ndarray(format="gray")
    height, width = grey.shape
    count = 0
    for bit in range(BLOCKS):
        x = int((bit % 12 + 0.5) * width / 12)
        y = int((bit // 12 + 0.5) * height / 2)
        if grey[y - 2 : y + 2, x - 2 : x + 2].mean() > 127:
            count |= 1 << bit
    period_s = (1 << BLOCKS) * TICK_MS / 1000
    moment = count * TICK_MS / 1000
    return moment + round((near_s - moment) / period_s) * period_s


def _levels(frame: av.AudioFrame) -> np.ndarray:
    """Moment and loudness of each 5 ms."""
    samples = frame.to_ndarray().astype(float)
    if frame.format.is_packed:
        samples = samples.reshape(-1, len(frame.layout.channels)).T
    mono = samples.mean(axis=0)
    step = frame.sample_rate // 200
    whole = mono[: len(mono) // step * step].reshape(-1, step)
    at = float(frame.time or 0) + np.arange(len(whole)) * 0.005
    return np.stack([at, np.abs(whole).mean(axis=1)], axis=1)


def _beginnings(levels: np.ndarray) -> list[float]:
    loud = levels[:, 1] > levels[:, 1].max() / 3
    quiet_for, found = 0, []
    for (at, _), is_loud in zip(levels, loud, strict=True):
        if is_loud and quiet_for > 60:
            found.append(float(at))
        quiet_for = 0 if is_loud else quiet_for + 1
    return found
