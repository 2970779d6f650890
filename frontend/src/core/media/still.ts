/**
 * A picture that stands for a camera which is gone: the brand and a sentence, drawn here and sent like
 * any other picture, so that every player shows it and a recording has it.
 */

const WIDTH = 1280;
const HEIGHT = 720;
/** Players take two seconds without a frame for a lost link. */
const EVERY_MS = 500;

export class StillPicture {
  readonly track: MediaStreamTrack;
  readonly #timer: ReturnType<typeof setInterval>;

  /** `heading` large, `sentence` under it. */
  constructor(heading: string, sentence: string) {
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    const draw = (): void => paint(canvas, heading, sentence);
    draw();
    const track = canvas.captureStream().getVideoTracks()[0];
    if (!track) throw new Error('a canvas gave no track');
    this.track = track;
    // A canvas gives a frame whenever it is drawn upon, and none otherwise.
    this.#timer = setInterval(draw, EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.track.stop();
  }
}

function paint(canvas: HTMLCanvasElement, heading: string, sentence: string): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const family = getComputedStyle(document.documentElement).fontFamily || 'sans-serif';
  pen.fillStyle = '#191512';
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.fillStyle = '#ffffff';
  pen.textAlign = 'center';
  pen.font = `700 72px ${family}`;
  pen.fillText(heading, WIDTH / 2, HEIGHT / 2 - 24, WIDTH - 160);
  pen.font = `400 40px ${family}`;
  pen.fillText(sentence, WIDTH / 2, HEIGHT / 2 + 56, WIDTH - 160);
}
