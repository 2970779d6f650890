// Tries page, socket and UDP from this phone, and tells the terminal how it went.

const LIMIT_MS = 10_000;

function within(limit_ms, attempt) {
  return Promise.race([
    attempt,
    new Promise((_, fail) => setTimeout(() => fail(new Error('no answer in time')), limit_ms)),
  ]);
}

async function page() {
  const answer = await fetch('echo', { cache: 'no-store' });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
}

function socket() {
  const url = new URL('ws', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return new Promise((done, fail) => {
    const connection = new WebSocket(url);
    connection.onopen = () => connection.send('hello');
    connection.onmessage = () => (done(), connection.close());
    connection.onerror = () => fail(new Error('it does not open'));
  });
}

// A sender without a track needs no camera, and connects by ICE and DTLS like any other.
async function udp() {
  const peer = new RTCPeerConnection();
  try {
    peer.addTransceiver('audio', { direction: 'sendonly' });
    await peer.setLocalDescription(await peer.createOffer());
    const answer = await fetch('whip', { method: 'POST', body: peer.localDescription.sdp });
    if (!answer.ok) throw new Error(await answer.text());
    const connected = new Promise((done, fail) => {
      peer.onconnectionstatechange = () => {
        if (peer.connectionState === 'connected') done();
        if (peer.connectionState === 'failed') fail(new Error('packets do not come through'));
      };
    });
    await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
    await connected;
  } finally {
    peer.close();
  }
}

for (const [name, attempt] of Object.entries({ page, socket, udp })) {
  let result = 'ok';
  try {
    await within(LIMIT_MS, attempt());
  } catch (error) {
    result = `failed: ${error.message}`;
  }
  document.getElementById(name).textContent = result;
  await fetch('report', { method: 'POST', body: JSON.stringify({ name, result }) });
}
