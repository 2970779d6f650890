/** How reactions rise: a small field of particles, pure in time, drawn by whoever has a canvas. */
import type { ReactionKind } from '$wire/types';

export interface Particle {
  kind: ReactionKind;
  /** 0 to 1 across the lane. */
  lane: number;
  born_ms: number;
  life_ms: number;
  size: number;
  sway: number;
}

/** So many are seen at once; of more, the oldest give way. */
export const CROWD = 60;

export class Rising {
  #particles: Particle[] = [];

  constructor(private readonly random: () => number = Math.random) {}

  get busy(): boolean {
    return this.#particles.length > 0;
  }

  add(kind: ReactionKind, count: number, now_ms: number): void {
    for (let i = 0; i < count; i += 1) {
      this.#particles.push({
        kind,
        lane: 0.15 + this.random() * 0.7,
        // A handful does not leave as one block.
        born_ms: now_ms + i * 90,
        life_ms: 1_800 + this.random() * 900,
        size: 16 + this.random() * 10,
        sway: (this.random() - 0.5) * 0.3,
      });
    }
    this.#particles = this.#particles.slice(-CROWD);
  }

  /** Those that are seen now: x and y from 0 to 1 (y upwards), and how solid they are. */
  at(now_ms: number): { particle: Particle; x: number; y: number; opacity: number }[] {
    this.#particles = this.#particles.filter((each) => now_ms < each.born_ms + each.life_ms);
    return this.#particles
      .filter((each) => now_ms >= each.born_ms)
      .map((particle) => {
        const t = (now_ms - particle.born_ms) / particle.life_ms;
        return {
          particle,
          x: particle.lane + Math.sin(t * Math.PI * 2) * particle.sway * 0.3,
          y: 1 - (1 - t) ** 1.6,
          opacity: Math.min(1, t * 8) * (1 - t ** 3),
        };
      });
  }
}
