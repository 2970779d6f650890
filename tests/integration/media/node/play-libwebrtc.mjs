// A WHEP player on libwebrtc in Node: counts different pictures and clocks in them, finds the loudest sample and the
// pitch, says them as one JSON line, with the codecs that it offered.
// node play-libwebrtc.mjs WHEP_URL WANTED_PICTURES LIMIT_MS [video | clock], with BEARER_TOKEN in the environment
// where one is needed. `video`: no sound; `clock`: the pictures are to have a clock.
import wrtc from "@roamhq/wrtc";

const { RTCPeerConnection, nonstandard } = wrtc;
const [url, wanted, limit, only] = process.argv.slice(2);
const { BEARER_TOKEN: token } = process.env;

const peer = new RTCPeerConnection();
const pictures = new Set();
const clocks = new Set();
let loudest = 0;
let pitch = 0;

const BITS = 32;

// Where the time along the top of a picture (see page.html) is of the last seconds: that moment.
function clockIn({ width, data }) {
  const side = width / BITS;
  let taken = 0;
  for (let bit = 0; bit < BITS; bit += 1) {
    taken = taken * 2 + (data[Math.floor(side / 2) * width + Math.floor((bit + 0.5) * side)] > 128 ? 1 : 0);
  }
  return (Date.now() - taken) % 2 ** BITS < 5000 ? taken : null;
}

// Upward crossings of zero are counted over half a second.
const heard = { crossings: 0, samples: 0, above: false };
function listen({ samples, sampleRate, channelCount }) {
  for (let at = 0; at < samples.length; at += channelCount) {
    loudest = Math.max(loudest, Math.abs(samples[at]) / 32768);
    if (!heard.above && samples[at] > 500) heard.crossings += 1;
    heard.above = heard.above ? samples[at] > -500 : samples[at] > 500;
    heard.samples += 1;
  }
  if (heard.samples < sampleRate / 2) return;
  pitch = (heard.crossings * sampleRate) / heard.samples;
  Object.assign(heard, { crossings: 0, samples: 0 });
}

peer.ontrack = ({ track }) => {
  if (track.kind === "video") {
    new nonstandard.RTCVideoSink(track).onframe = ({ frame }) => {
      const step = Math.floor(frame.data.length / 64);
      pictures.add(Array.from({ length: 64 }, (_, i) => frame.data[i * step] >> 3).join());
      const clock = clockIn(frame);
      if (clock !== null) clocks.add(clock);
    };
  } else {
    new nonstandard.RTCAudioSink(track).ondata = listen;
  }
};

// Video first: an order that our own page never uses.
peer.addTransceiver("video", { direction: "recvonly" });
if (only !== "video") peer.addTransceiver("audio", { direction: "recvonly" });
await peer.setLocalDescription(await peer.createOffer());
const reply = await fetch(url, {
  method: "POST",
  headers: { "Content-Type": "application/sdp", ...(token && { Authorization: `Bearer ${token}` }) },
  body: peer.localDescription.sdp,
});
const answer = await reply.text();
if (reply.status === 201) await peer.setRemoteDescription({ type: "answer", sdp: answer });

const sights = only === "clock" ? clocks : pictures;
const enough = () =>
  sights.size >= Number(wanted) && (only === "video" || loudest > 0.05) && (only !== "clock" || pitch > 0);
const end = Date.now() + Number(limit);
while (reply.status === 201 && !enough() && Date.now() < end) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const codecs = Array.from(peer.localDescription.sdp.matchAll(/^a=rtpmap:\d+ (\w+)\/90000/gm), (found) => found[1]);
console.log(JSON.stringify({
  status: reply.status,
  reason: reply.headers.get("Reason"),
  pictures: pictures.size,
  clocks: Array.from(clocks),
  loudest,
  pitch,
  codecs,
}));
peer.close();
process.exit(0);
