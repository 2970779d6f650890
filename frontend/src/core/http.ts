/** Calls of the HTTP API. A refusal is a value with a stable `code`, never an exception. */

export const API = '/api/v1';

/** What the server, or the way to it, answered instead of what was asked (RFC 9457). */
export interface Problem {
  /** HTTP status; 0 when no answer came at all. */
  status: number;
  /** Stable; `network` and `timeout` are ours, `http_<status>` stands for an answer without a code. */
  code: string;
  /** A sentence for a person, in the server's words; may be empty. */
  detail: string;
  retry_after_s?: number;
  /** Further members of the problem, as they came. */
  more: Record<string, unknown>;
}

export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Sent as JSON, unless it is a Blob, which goes as it is with its own type. */
  body?: unknown;
  timeout_ms?: number;
  /** Lets the request outlive the page; for farewells. */
  keepalive?: boolean;
}

/** Calls `/api/v1{path}` and gives the JSON that came back (undefined for an empty answer). */
export async function call<T>(path: string, options: CallOptions = {}): Promise<Outcome<T>> {
  const { method = 'GET', body, timeout_ms = 10_000, keepalive = false } = options;
  const init: RequestInit = { method, keepalive, signal: AbortSignal.timeout(timeout_ms) };
  if (body instanceof Blob) {
    init.body = body;
  } else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { 'content-type': 'application/json' };
  }
  const sent = await send(API + path, init);
  if (!sent.ok) return sent;
  const text = await sent.value.text();
  return { ok: true, value: (text ? JSON.parse(text) : undefined) as T };
}

/** A bare request: any 2xx is the value, everything else a problem. Never throws. */
export async function send(url: string, init: RequestInit): Promise<Outcome<Response>> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    return failure(error instanceof DOMException && error.name === 'TimeoutError' ? 'timeout' : 'network');
  }
  if (response.ok) return { ok: true, value: response };
  return { ok: false, problem: await readProblem(response) };
}

/** What went wrong on our side of the wire. */
export const failure = (code: string): Outcome<never> => ({
  ok: false,
  problem: { status: 0, code, detail: '', more: {} },
});

async function readProblem(response: Response): Promise<Problem> {
  const told = await response.json().catch(() => ({}));
  const more = (typeof told === 'object' && told !== null ? told : {}) as Record<string, unknown>;
  const problem: Problem = {
    status: response.status,
    code: typeof more.code === 'string' ? more.code : `http_${response.status}`,
    detail: typeof more.detail === 'string' ? more.detail : '',
    more,
  };
  const wait_s = Number(response.headers.get('retry-after') ?? more.retry_after_s ?? Number.NaN);
  if (Number.isFinite(wait_s)) problem.retry_after_s = wait_s;
  return problem;
}
