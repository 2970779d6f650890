/** What a screen of the host's shows by its address: `?screen=question`, `prompt`, `clock`, or all. */
export const SCREENS = ['question', 'prompt', 'clock'] as const;
export type ScreenKind = (typeof SCREENS)[number];

export function screenOf(search: string): ScreenKind | null {
  const wanted = new URLSearchParams(search).get('screen');
  return SCREENS.find((each) => each === wanted) ?? null;
}
