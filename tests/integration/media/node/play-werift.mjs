// A WHEP player on werift, a WebRTC stack written in TypeScript: counts packets, pictures' ends and reports.
// node play-werift.mjs WHEP_URL WANTED_PICTURES LIMIT_MS
import { RTCPeerConnection, RTCRtpCodecParameters } from "werift";

const [url, wanted, limit] = process.argv.slice(2);

const peer = new RTCPeerConnection({
  codecs: {
    video: [
      new RTCRtpCodecParameters({
        mimeType: "video/VP8",
        clockRate: 90000,
        rtcpFeedback: [{ type: "nack" }, { type: "nack", parameter: "pli" }],
      }),
    ],
    audio: [new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48000, channels: 2 })],
  },
});
const seen = { pictures: 0, audio: 0, reports: 0, gaps: 0 };

function play(kind) {
  let last = null;
  peer.addTransceiver(kind, { direction: "recvonly" }).onTrack.subscribe((track) => {
    track.onReceiveRtcp.subscribe((packet) => (seen.reports += packet.type === 200 ? 1 : 0));
    track.onReceiveRtp.subscribe(({ header }) => {
      if (last !== null && header.sequenceNumber !== ((last + 1) & 0xffff)) seen.gaps += 1;
      last = header.sequenceNumber;
      if (kind === "audio") seen.audio += 1;
      else seen.pictures += header.marker ? 1 : 0;
    });
  });
}
play("audio");
play("video");

await peer.setLocalDescription(await peer.createOffer());
const reply = await fetch(url, {
  method: "POST",
  headers: { "Content-Type": "application/sdp" },
  body: peer.localDescription.sdp,
});
const answer = await reply.text();
if (reply.status === 201) await peer.setRemoteDescription({ type: "answer", sdp: answer });
const end = Date.now() + Number(limit);
const enough = () => seen.pictures >= Number(wanted) && seen.audio > 10 && seen.reports > 0;
while (reply.status === 201 && !enough() && Date.now() < end) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
console.log(JSON.stringify({ status: reply.status, ...seen }));
await peer.close();
process.exit(0);
