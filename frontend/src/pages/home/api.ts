/** What the home page asks of the HTTP API, and the shapes that come back. */
import { call, type Outcome } from '$core/http';
import type { LabelColour, Role, SessionState } from '$wire/types';

export interface Brand {
  name: string;
  description?: string | null;
  accent: { light: string; dark: string } | null;
  logo_url: string | null;
  languages: string[];
}

export interface Me {
  owner: boolean;
  has_password: boolean;
  server: { version: string };
}

export interface SessionSummary {
  slug: string;
  title: string;
  state: SessionState;
  starts_at: string | null;
  present?: number;
  created_at: string;
  languages: string[];
  visibility: 'public' | 'private';
  review: 'before' | 'after';
  description?: string | null;
  segments?: OwnSegment[];
}

/** A segment besides the built-in ones; `customer/vip` is part of `customer`. */
export interface OwnSegment {
  id: string;
  names: Record<string, string>;
  colour: LabelColour | null;
  description: string;
  open: boolean;
}

/** What a session is made or changed with. */
export interface SessionWish {
  title: string;
  description?: string;
  starts_at?: string | null;
  languages: string[];
  visibility: 'public' | 'private';
  review: 'before' | 'after';
  segments?: OwnSegment[];
}

export interface MadeInvite {
  token: string;
  url: string;
}

export interface CreatedSession {
  slug: string;
  state: SessionState;
  invites: { host: MadeInvite; moderator: MadeInvite; viewer: MadeInvite };
}

export interface Invite {
  id: string;
  role: Role;
  segment: string | null;
  expires_at: string | null;
  uses: number | null;
  used: number;
  revoked: boolean;
  created_at: string;
}

export interface InviteWish {
  role: 'host' | 'moderator' | 'viewer';
  segment?: string;
  expires_at?: string;
  uses?: number;
}

const session = (slug: string): string => `/sessions/${encodeURIComponent(slug)}`;

export const api = {
  me: () => call<Me>('/me'),
  brand: () => call<Brand>('/brand'),
  signIn: (password: string) => call<undefined>('/owner/sign-in', { method: 'POST', body: { password } }),
  signOut: () => call<undefined>('/owner/sign-out', { method: 'POST' }),
  setPassword: (password: string, current?: string) =>
    call<undefined>('/owner/password', {
      method: 'POST',
      body: current === undefined ? { password } : { password, current },
    }),
  sessions: () => call<{ sessions: SessionSummary[] }>('/sessions'),
  create: (wish: SessionWish) => call<CreatedSession>('/sessions', { method: 'POST', body: wish }),
  edit: (slug: string, wish: Partial<SessionWish>) =>
    call<SessionSummary>(session(slug), { method: 'PATCH', body: wish }),
  invites: (slug: string) => call<{ invites: Invite[] }>(`${session(slug)}/invites`),
  invite: (slug: string, wish: InviteWish) =>
    call<MadeInvite & { id: string }>(`${session(slug)}/invites`, { method: 'POST', body: wish }),
  revoke: (slug: string, id: string) =>
    call<undefined>(`${session(slug)}/invites/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  setBrand: (change: { name?: string; accent?: string | null; description?: string }) =>
    call<Brand>('/brand', { method: 'PATCH', body: change }),
  setLogo: (file: File): Promise<Outcome<Brand | undefined>> =>
    call('/brand/logo', { method: 'PUT', body: file }),
  removeLogo: () => call<undefined>('/brand/logo', { method: 'DELETE' }),
};
