/** How loud a stream is, for a meter that a person glances at. */

const FLOOR_DB = -60;

export class LevelMeter {
  readonly #context: AudioContext;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;
  #source: MediaStreamAudioSourceNode | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #shown = 0;

  /** `onLevel` gets 0 (silence, −60 dBFS and below) to 1 (full scale), 20 times a second. */
  constructor(private readonly onLevel: (level: number) => void) {
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
  }

  /** Listens to the first sound of this stream from now on; null listens to nothing. */
  listen(stream: MediaStream | null): void {
    this.#source?.disconnect();
    this.#source = null;
    clearInterval(this.#timer);
    this.#shown = 0;
    this.onLevel(0);
    if (!stream?.getAudioTracks().length) return;
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
    this.#timer = setInterval(() => this.#measure(), 50);
    // Suspended until the page was touched; it starts to measure then.
    void this.#context.resume();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#source?.disconnect();
    void this.#context.close();
  }

  #measure(): void {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const level = levelOf(this.#samples);
    // Up at once, down slowly: a meter that can be read.
    this.#shown = level > this.#shown ? level : Math.max(level, this.#shown - 0.05);
    this.onLevel(this.#shown);
  }
}

/** The loudness of samples in −1 … 1 as 0 … 1 over the range of −60 to 0 dBFS. */
export function levelOf(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) sum += (samples[i] ?? 0) ** 2;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  const level_db = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.min(1, Math.max(0, 1 - level_db / FLOOR_DB));
}
