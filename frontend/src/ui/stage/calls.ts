/** Calls to the stage and its seats, as the team has them before it. */
import { m } from '$messages';
import type { Call, Seat, Snapshot } from '$wire/types';

export const GUEST_SEATS = ['guest-1', 'guest-2', 'guest-3'] as const;
export type GuestSeat = (typeof GUEST_SEATS)[number];

/** One guest's seat: who has it, what comes from it, and whether anybody is given it. */
export interface Place {
  seat: GuestSeat;
  call: Call | undefined;
  sent: Seat | undefined;
  locked: boolean;
}

/** Those who ask and were not answered yet, who came first first. */
export function waiting(snapshot: Snapshot | null): Call[] {
  return snapshot?.calls?.filter((call) => call.status === 'waiting') ?? [];
}

export function places({ calls, stage }: Snapshot): Place[] {
  return GUEST_SEATS.map((seat) => ({
    seat,
    call: calls?.find((call) => call.seat === seat),
    sent: stage.seats.find((each) => each.seat === seat),
    locked: stage.locked.includes(seat),
  }));
}

/** What a guest is doing there, in a word. */
export function stateOf({ call, sent, locked }: Place): string {
  if (!call) return locked ? m.stage_locked() : m.stage_free();
  if (call.status === 'backstage') return call.ready ? m.stage_state_ready() : m.stage_state_backstage();
  if (sent?.state === 'silent') return m.stage_state_silent();
  return sent?.state === 'on_air' ? m.stage_state_on_air() : m.stage_state_coming();
}
