// Set into the host's page: its camera is a clock, its microphone a tone that begins with every second.
(() => {
  const BITS = 32;
  const [WIDTH, HEIGHT] = [1280, 720];
  const moment = () => performance.timeOrigin + performance.now();

  function camera() {
    const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
    const pen = canvas.getContext('2d');
    const grain = new ImageData(160, 90);
    const words = new Uint32Array(grain.data.buffer);
    let count = 0;
    setInterval(async () => {
      count += 1;
      pen.fillStyle = `hsl(${count % 360} 40% 40%)`;
      pen.fillRect(0, 0, WIDTH, HEIGHT);
      pen.fillStyle = '#eee';
      pen.fillRect((count * 9) % WIDTH, 200, 160, 160);
      if (window.grainy) {
        for (let i = 0; i < words.length; i += 1) words[i] = (Math.random() * 0xffffff) | 0xff000000;
        pen.drawImage(await createImageBitmap(grain), 0, HEIGHT / 2, WIDTH, HEIGHT / 2);
      }
      // 32 squares, white for 1: milliseconds since 1970, modulo 2^32.
      const now = Math.floor(moment()) % 2 ** BITS;
      for (let bit = 0; bit < BITS; bit += 1) {
        pen.fillStyle = Math.floor(now / 2 ** (BITS - 1 - bit)) % 2 ? '#fff' : '#000';
        pen.fillRect((bit * WIDTH) / BITS, 0, WIDTH / BITS, WIDTH / BITS);
      }
    }, 1000 / 30);
    return canvas.captureStream(30).getVideoTracks()[0];
  }

  function microphone() {
    const audio = new AudioContext({ latencyHint: 'interactive' });
    const [tone, gate] = [audio.createOscillator(), audio.createGain()];
    const out = audio.createMediaStreamDestination();
    tone.frequency.value = 880;
    gate.gain.value = 0;
    tone.connect(gate).connect(out);
    tone.start();
    audio.resume();
    let next = Math.ceil(moment() / 1000) * 1000 + 1000;
    setInterval(() => {
      for (; next < moment() + 2000; next += 1000) {
        const at = audio.currentTime + (next - moment()) / 1000;
        gate.gain.setValueAtTime(0.8, at);
        gate.gain.setValueAtTime(0, at + 0.3);
      }
    }, 300);
    return (window.microphoneTrack = out.stream.getAudioTracks()[0]);
  }

  navigator.mediaDevices.getUserMedia = async () => new MediaStream([camera(), microphone()]);

  const legs = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      legs.push(this);
    }
  };

  // Bits a second of the picture over so many seconds, and the bound that the page gave its encoder.
  window.pictureRate = async (seconds) => {
    const leg = legs.at(-1);
    const sender = leg.getSenders().find((each) => each.track?.kind === 'video');
    const sent = async () => {
      const report = Array.from((await sender.getStats()).values());
      return report.filter((row) => row.type === 'outbound-rtp').reduce((sum, row) => sum + row.bytesSent, 0);
    };
    const [from, began] = [await sent(), performance.now()];
    await new Promise((done) => setTimeout(done, seconds * 1000));
    const rate_bps = ((await sent()) - from) * 8 / ((performance.now() - began) / 1000);
    const cap_bps = sender.getParameters().encodings.reduce((sum, each) => sum + each.maxBitrate, 0);
    return [rate_bps, cap_bps];
  };
})();
