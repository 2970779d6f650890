/** What statuses and verdicts are called at the desk. */
import { m } from '$messages';
import type { Verdict } from '$wire/types';
import type { Status } from './items';

/** What has just been done, for a toast. */
export function done(verdict: Verdict): string {
  return {
    publish: m.mod_did_publish,
    refuse: m.mod_did_refuse,
    remove: m.mod_did_remove,
    restore: m.mod_did_restore,
    pick: m.mod_did_pick,
    answering: m.mod_did_answering,
    answered: m.mod_did_answered,
    dismiss: m.mod_did_dismiss,
  }[verdict]();
}

export function statusName(status: Status): string {
  return {
    pending: m.mod_status_pending,
    published: m.mod_status_published,
    refused: m.mod_status_refused,
    removed: m.mod_status_removed,
    picked: m.mod_status_picked,
    answering: m.mod_status_answering,
    answered: m.mod_status_answered,
    dismissed: m.mod_status_dismissed,
  }[status]();
}
