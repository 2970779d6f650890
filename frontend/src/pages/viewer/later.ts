/** The show itself: on its way while the server is asked who this is, so that neither waits. */
export const show = import('./Show.svelte');

/**
 * Parts of the page that nobody sees in its first moment. They are fetched while the page is idle,
 * so that they are there when they are wanted, also without a network.
 */
export const later = {
  awake: () => import('$core/wake'),
  barred: () => import('./Barred.svelte'),
  before: () => import('./Before.svelte'),
  chat: () => import('./Chat.svelte'),
  clock: () => import('$ui/Countdown.svelte'),
  hearts: () => import('./Hearts.svelte'),
  onstage: () => import('./OnStage.svelte'),
  name: () => import('./NameDialog.svelte'),
  pinned: () => import('./Pinned.svelte'),
  report: () => import('./ReportDialog.svelte'),
  strip: () => import('./SegmentStrip.svelte'),
  settings: () => import('./SettingsDialog.svelte'),
  share: () => import('$ui/ShareSheet.svelte'),
  team: () => import('./Team.svelte'),
  herald: () => import('./Herald.svelte'),
  said: () => import('./said'),
  links: () => import('linkifyjs'),
};

/**
 * Parts that only some shows use. Each is fetched when what it shows is there, by whoever shows it:
 *
 *     {#if announcements.length}{#await onDemand.announcements() then { default: Announcements }}…
 *
 * Each is a module of that name, with a bound of its own in budget.js.
 */
export const onDemand = {
  recorded: () => import('./Recorded.svelte'),
  calling: () => import('./Calling.svelte'),
  attention: () => import('./Attention.svelte'),
  announcements: () => import('./Announcements.svelte'),
  polls: () => import('./Polls.svelte'),
  lack: () => import('./NoPicture.svelte'),
  programme: () => import('./Programme.svelte'),
  slate: () => import('./Slate.svelte'),
  quality: () => import('./Quality.svelte'),
};

/** Fetches all of `later` once the page has nothing better to do. */
export function fetchLater(): void {
  const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 2_000));
  idle(() => {
    for (const part of Object.values(later)) {
      // Whoever needs it asks again, and says so if it cannot be had.
      part().catch(() => undefined);
    }
  });
}
