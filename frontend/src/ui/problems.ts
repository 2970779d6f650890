/** A sentence in the reader's language for what the server refused, by its stable code. */
import { m } from '$messages';

/** What an HTTP problem and a refused frame have in common. */
export interface Refusal {
  readonly code: string;
  readonly detail?: string;
  readonly message?: string;
  readonly retry_after_s?: number;
}

const sentences: Record<string, (refusal: Refusal) => string> = {
  network: m.ui_problem_network,
  timeout: m.ui_problem_network,
  forbidden: m.ui_problem_forbidden,
  http_403: m.ui_problem_forbidden,
  http_401: m.ui_problem_signed_out,
  not_authenticated: m.ui_problem_signed_out,
  not_found: m.ui_problem_not_found,
  http_404: m.ui_problem_not_found,
  impossible_step: m.ui_problem_impossible_step,
  wrong_state: m.ui_problem_wrong_state,
  stale: m.ui_problem_stale,
  too_long: m.ui_problem_too_long,
  empty: m.ui_problem_empty,
  control_characters: m.ui_problem_control,
  name_required: m.ui_problem_name_required,
  name_taken: m.ui_problem_name_taken,
  overloaded: m.ui_problem_overloaded,
  slow_mode: m.ui_problem_slow_mode,
  rate_limited: (refusal) => m.ui_problem_rate({ seconds: Math.ceil(refusal.retry_after_s ?? 1) }),
};

/** Our words where we know the code, the server's otherwise. */
export function sentence(refusal: Refusal): string {
  return (
    sentences[refusal.code]?.(refusal) ?? (refusal.detail || refusal.message || m.ui_problem_other())
  );
}
