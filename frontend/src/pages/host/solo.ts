/** Whether the host works alone with this one phone; kept on this device. */
const STORED = 'causerie_solo';

export function askedSolo(): boolean {
  if (new URLSearchParams(location.search).has('solo')) return true;
  try {
    return localStorage.getItem(STORED) === 'on';
  } catch {
    // Nothing may be stored here: the whole cockpit.
    return false;
  }
}

export function rememberSolo(on: boolean): void {
  try {
    localStorage.setItem(STORED, on ? 'on' : 'off');
  } catch {
    // Not remembered for the next visit; it holds for this one.
  }
}
