// Set into the viewer's page: notes of each picture that is shown when that was, and when it was taken.
(() => {
  const BITS = 32;
  const pen = Object.assign(document.createElement('canvas'), { width: BITS, height: 1 }).getContext('2d', {
    willReadFrequently: true,
  });
  const seen = (window.picturesSeen = []);

  function taken(video) {
    // The squares are a twentieth of the width of the picture, along its top.
    pen.drawImage(video, 0, 0, video.videoWidth, video.videoWidth / BITS, 0, 0, BITS, 1);
    const { data } = pen.getImageData(0, 0, BITS, 1);
    let bits = 0;
    for (let bit = 0; bit < BITS; bit += 1) bits = bits * 2 + (data[bit * 4] > 128 ? 1 : 0);
    return bits;
  }

  function follow(video) {
    if (video.dataset.followed) return;
    video.dataset.followed = 'yes';
    const next = () => {
      seen.push([Date.now(), taken(video)]);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  }

  setInterval(() => document.querySelectorAll('video').forEach(follow), 100);
})();
