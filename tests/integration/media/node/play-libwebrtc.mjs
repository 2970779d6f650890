// A WHEP player on libwebrtc in Node: counts different pictures and the loudest sample, says them as one JSON line.
// node play-libwebrtc.mjs WHEP_URL WANTED_PICTURES LIMIT_MS [video], with BEARER_TOKEN in the environment where one
// is needed.
import wrtc from "@roamhq/wrtc";

const { RTCPeerConnection, nonstandard } = wrtc;
const [url, wanted, limit, only] = process.argv.slice(2);
const { BEARER_TOKEN: token } = process.env;

const peer = new RTCPeerConnection();
const pictures = new Set();
let loudest = 0;

peer.ontrack = ({ track }) => {
  if (track.kind === "video") {
    new nonstandard.RTCVideoSink(track).onframe = ({ frame }) => {
      const step = Math.floor(frame.data.length / 64);
      pictures.add(Array.from({ length: 64 }, (_, i) => frame.data[i * step] >> 3).join());
    };
  } else {
    new nonstandard.RTCAudioSink(track).ondata = ({ samples }) => {
      for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample) / 32768);
    };
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

const enough = () => pictures.size >= Number(wanted) && (only === "video" || loudest > 0.05);
const end = Date.now() + Number(limit);
while (reply.status === 201 && !enough() && Date.now() < end) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
console.log(JSON.stringify({ status: reply.status, pictures: pictures.size, loudest }));
peer.close();
process.exit(0);
