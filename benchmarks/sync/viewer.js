// Set into both pages: notes when each picture is shown and when it was taken, and when each tone is heard.
(() => {
  const BITS = 32;
  const reader = Object.assign(document.createElement('canvas'), { width: BITS, height: 1 }).getContext('2d', {
    willReadFrequently: true,
  });
  const seen = (window.picturesSeen = []);

  function taken(video) {
    const side = video.videoWidth / BITS;
    reader.drawImage(video, 0, side / 4, video.videoWidth, side / 2, 0, 0, BITS, 1);
    const { data } = reader.getImageData(0, 0, BITS, 1);
    let bits = 0;
    for (let bit = 0; bit < BITS; bit += 1) bits = bits * 2 + (data[bit * 4] > 128 ? 1 : 0);
    return bits;
  }

  function follow(video) {
    if (video.dataset.followed) return;
    video.dataset.followed = 'yes';
    const next = (_now, { expectedDisplayTime, height }) => {
      seen.push([performance.timeOrigin + expectedDisplayTime, taken(video), height]);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  }
  setInterval(() => document.querySelectorAll('video').forEach(follow), 100);

  // Where sound begins after a silence: in milliseconds since 1970, once `tones` is asked. The stamps of a track's
  // samples run evenly, on a clock of their own: what was read soonest after its stamp tells how the clocks differ.
  const [begun, behind] = [[], [Infinity]];
  window.listen = async (track) => {
    const samples = new MediaStreamTrackProcessor({ track }).readable.getReader();
    let quiet_s = 0;
    for (;;) {
      const { value, done } = await samples.read();
      if (done) return;
      const stamp = value.timestamp / 1000;
      behind[0] = Math.min(behind[0], performance.now() - stamp);
      const heard = new Float32Array(value.numberOfFrames);
      value.copyTo(heard, { planeIndex: 0, format: 'f32-planar' });
      const at = heard.findIndex((each) => Math.abs(each) > 0.05);
      if (at >= 0 && quiet_s > 0.3) begun.push(stamp + (at / value.sampleRate) * 1000);
      quiet_s = at >= 0 ? 0 : quiet_s + value.numberOfFrames / value.sampleRate;
      value.close();
    }
  };
  window.tones = () => begun.map((at) => performance.timeOrigin + at + behind[0]);
})();
