// Answers a viewer's offer as a server would, with one drawn picture for each that is asked for. The
// link between the two ends is real: ICE, DTLS and RTP over loopback.
const COLOURS = ['#7a4a2b', '#2b5a7a', '#5b7a2b', '#7a2b5c'];

function drawn(index) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
  const pen = canvas.getContext('2d');
  let turn = 0;
  setInterval(() => {
    pen.fillStyle = COLOURS[index];
    pen.fillRect(0, 0, 320, 180);
    pen.fillStyle = '#ffffff';
    pen.fillRect((turn += 4) % 320, 60 + 20 * index, 40, 40);
  }, 50);
  return canvas.captureStream().getVideoTracks()[0];
}

const fetched = window.fetch.bind(window);
window.fetch = async (url, init) => {
  if (!String(url?.url ?? url).endsWith('/whep')) return fetched(url, init);
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  await peer.setRemoteDescription({ type: 'offer', sdp: init.body });
  const places = peer.getTransceivers();
  const pictures = places.filter((each) => each.receiver.track.kind === 'video');
  for (const [index, place] of pictures.entries()) {
    place.direction = 'sendonly';
    await place.sender.replaceTrack(drawn(index));
  }
  const gathered = new Promise((done) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && done();
  });
  await peer.setLocalDescription();
  await gathered;
  return new Response(peer.localDescription.sdp, { status: 201, headers: { location: '/api/v1/leg' } });
};
