// Answers a viewer's offer as a server would, with one drawn picture for each that is asked for, or, where the sound
// alone is asked for, with that. The link between the two ends is real: ICE, DTLS and RTP over loopback. Where
// `window.crowded` is set there is room for no picture.
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
  if (window.crowded && init.body.includes('m=video')) {
    const refusal = { status: 503, code: 'full', title: 'full', sound_fits: true };
    const headers = { 'content-type': 'application/problem+json', 'retry-after': '30' };
    return new Response(JSON.stringify(refusal), { status: 503, headers });
  }
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  await peer.setRemoteDescription({ type: 'offer', sdp: init.body });
  const places = peer.getTransceivers();
  const pictures = places.filter((each) => each.receiver.track.kind === 'video');
  for (const [index, place] of pictures.entries()) {
    place.direction = 'sendonly';
    await place.sender.replaceTrack(drawn(index));
  }
  if (pictures.length === 0) {
    const heard = await navigator.mediaDevices.getUserMedia({ audio: true });
    places[0].direction = 'sendonly';
    await places[0].sender.replaceTrack(heard.getAudioTracks()[0]);
  }
  const gathered = new Promise((done) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && done();
  });
  await peer.setLocalDescription();
  await gathered;
  return new Response(peer.localDescription.sdp, { status: 201, headers: { location: '/api/v1/leg' } });
};
