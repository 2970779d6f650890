/**
 * Playing pieces over HTTPS: hls.js, as far as this server's playlists need it. Fetched by the few
 * whom WebRTC does not reach.
 */
import Hls from 'hls.js/light';

/**
 * Plays a playlist in this element until the returned function is called; `onLost` says that it does
 * not go on. With `parts` it stays closer to the moment, and asks more often.
 */
export function playPieces(video: HTMLVideoElement, url: string, parts: boolean, onLost: () => void): () => void {
  const hls = new Hls({
    // A worker would come from a blob, which the page's policy allows to no script.
    enableWorker: false,
    lowLatencyMode: parts,
    liveDurationInfinity: true,
    backBufferLength: 10,
    maxBufferLength: 12,
    // Who fell behind on a slow link comes closer again, unheard.
    maxLiveSyncPlaybackRate: 1.05,
  });
  let mended = false;
  hls.on(Hls.Events.ERROR, (_event, { fatal, type }) => {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR && !mended) {
      mended = true;
      hls.recoverMediaError();
    } else {
      onLost();
    }
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return () => hls.destroy();
}
