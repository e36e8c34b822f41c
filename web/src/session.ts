/**
 * Who is logged in, in this browser.
 *
 * The token lies where the tutorial's clients keep it, under their names: localStorage with "remember me", else
 * sessionStorage, so that both kinds of pages work side by side on one origin. The box decides for every log-in: the
 * tutorial's clients put a third-party log-in into localStorage unasked, where the next person at a shared computer
 * finds it. A log-out reaches every tab.
 * Never in an address, never in a log.
 *
 * Where the site is set to (SITE_SESSION=cookie) there is no token: the session is in a cookie that no script reads, the
 * browser's for all tabs, and here is only who it belongs to (cookie-session.ts asks).
 */
import { computed, reactive, readonly } from "vue";
import { readItem, readJson, removeItem, type StorageKind, writeItem } from "./browser-storage.ts";
import { accountDrafts, forgetDrafts } from "./form-draft.ts";
import { forgetImpersonation, type Impersonation, keptImpersonation } from "./impersonation.ts";

export interface SessionFacts {
  /** Empty where the session is in a cookie. */
  readonly token: string;
  readonly username: string;
  readonly userId: number;
  /** Renews the token; only of a session that is remembered. */
  readonly refreshToken?: string | null | undefined;
}

const keys = ["token", "username", "user_id"] as const;
/**
 * The refresh token with the token that it renews. Pages of the tutorial's kind know nothing of it: where one of them
 * has logged somebody in since, the tokens no longer belong together, and it renews nothing.
 */
const renewalKey = "meiduo.renewal";
/** Of a session in a cookie, whether that lasts: the one thing that pages say of it and can't ask. */
const lastsKey = "meiduo.lasts";
const state = reactive<{
  facts: SessionFacts | null;
  remembered: boolean;
  inCookie: boolean;
  /** The reader is somebody of the staff, in an owner's place (impersonation.ts). */
  impersonation: Impersonation | null;
}>({ facts: null, remembered: false, inCookie: false, impersonation: null });
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("meiduo.session");
const leavers = new Set<() => void>();
const lookers = new Set<() => void>();

export const session = readonly(state);
export const isLoggedIn = computed(() => state.facts !== null);

/** What a log-in answers, by whichever way. */
interface LogInAnswer {
  readonly token: string;
  readonly username: string;
  readonly user_id: number;
  readonly refresh_token?: string | undefined;
}

export function factsOf({
  token,
  username,
  user_id: userId,
  refresh_token: refreshToken,
}: LogInAnswer): SessionFacts {
  return { token, username, userId, refreshToken };
}

/** The token to send, or null. */
export function currentToken(): string | null {
  return state.facts?.token ?? null;
}

/**
 * Takes over a fresh token. `remember` keeps it after the browser is closed.
 *
 * The token is written over and last. Other tabs look when it changes: one that found it gone would log out, and one
 * that found no name beside it would greet nobody.
 */
export function startSession(facts: SessionFacts, remember: boolean): void {
  // Whoever logs in in this tab is themselves from now on.
  forgetImpersonation();
  state.impersonation = null;
  if (state.inCookie) {
    writeItem("local", lastsKey, String(remember));
    showSession(facts);
    channel?.postMessage("logged-in");
    return;
  }
  forgetIn(remember ? "session" : "local");
  const kind: StorageKind = remember ? "local" : "session";
  // A tab that is duplicated takes a copy of sessionStorage with it: two that renew for themselves look like a thief.
  if (remember) keepRenewal(facts.token, facts.refreshToken ?? null);
  writeItem(kind, "username", facts.username);
  writeItem(kind, "user_id", String(facts.userId));
  writeItem(kind, "token", facts.token);
  state.facts = facts;
  state.remembered = remember;
}

/**
 * Shows whether somebody acts in an owner's place in this tab. On the site the owner's session is then the page's; in the console the
 * reader's own stays, which did not give way to it.
 */
export function noteImpersonation(isSite: boolean): boolean {
  state.impersonation = keptImpersonation();
  if (state.impersonation === null || !isSite) return false;
  const { token, username, userId } = state.impersonation;
  state.facts = { token, username, userId };
  state.remembered = false;
  return true;
}

/** From now on no token is kept; one of before is forgotten. */
export function keepInCookie(): void {
  forgetIn("local");
  forgetIn("session");
  state.facts = null;
  state.remembered = false;
  state.inCookie = true;
}

/** Whose session is in the cookie, as the API said it. */
export function showSession(facts: SessionFacts): void {
  state.facts = facts;
  state.remembered = readItem("local", lastsKey) === "true";
}

/** Calls back when the session in the cookie may have become another one. Returns a function that stops it. */
export function onSessionElsewhere(callback: () => void): () => void {
  lookers.add(callback);
  return () => lookers.delete(callback);
}

/**
 * What can be renewed, as every tab of this browser knows it by now; null where nobody is logged in, or somebody else by
 * now: a call that one account began must not go out under another.
 */
export function renewable(): { token: string; refreshToken: string | null } | null {
  const before = state.facts?.userId;
  lookAgain();
  const { facts } = state;
  if (facts === null || !Object.is(facts.userId, before)) return null;
  return { token: facts.token, refreshToken: facts.refreshToken ?? null };
}

/** Takes over the tokens that took the place of `used`; does nothing where that is kept no more. */
export function renewSession(used: string, fresh: { token: string; refreshToken: string }): void {
  const kept = renewable();
  if (state.facts === null || kept?.refreshToken !== used) return;
  startSession({ ...state.facts, ...fresh }, true);
}

/** Logs out here and in every other tab of this browser. */
export function endSession(): void {
  forgetIn("local");
  forgetIn("session");
  forgetDrafts(accountDrafts);
  state.facts = null;
  state.remembered = false;
  channel?.postMessage("logged-out");
}

/** Forgets this tab's token, which the server refused; not a newer one that another tab has put in its place. */
export function dropSession(): void {
  for (const kind of ["local", "session"] as const) {
    if (readItem(kind, "token") === state.facts?.token) forgetIn(kind);
  }
  state.facts = null;
  state.remembered = false;
}

/** Calls back when another tab logged out. Returns a function that stops it. */
export function onLoggedOutElsewhere(callback: () => void): () => void {
  leavers.add(callback);
  return () => leavers.delete(callback);
}

function forgetIn(kind: StorageKind): void {
  for (const key of keys) removeItem(kind, key);
  if (kind === "local") removeItem(kind, renewalKey);
}

function keepRenewal(token: string, refreshToken: string | null): void {
  if (refreshToken !== null) writeItem("local", renewalKey, JSON.stringify({ token, refreshToken }));
  else if (readItem("local", renewalKey) !== null) removeItem("local", renewalKey);
}

function keptRenewal(token: string): string | null {
  const kept = readJson("local", renewalKey) as { token?: unknown; refreshToken?: unknown } | null;
  return kept?.token === token && typeof kept.refreshToken === "string" ? kept.refreshToken : null;
}

function readSession(): void {
  const kind = readItem("session", "token") ? "session" : "local";
  const token = readItem(kind, "token");
  const userId = Number(readItem(kind, "user_id"));
  const refreshToken = kind === "local" && token !== null ? keptRenewal(token) : null;
  const more = refreshToken === null ? {} : { refreshToken };
  state.facts = token ? { token, username: readItem(kind, "username") ?? "", userId, ...more } : null;
  state.remembered = kind === "local" && token !== null;
}

/** Whether the page's session is that of an owner for whom somebody acts: no other tab has anything to do with it. */
function isOwners(): boolean {
  return state.impersonation !== null && state.facts?.token === state.impersonation.token;
}

function leaveWithOthers(): void {
  if (state.facts === null || isOwners()) return;
  // Only what is this tab's: by now somebody may have logged in again in another.
  dropSession();
  forgetDrafts(accountDrafts);
  for (const callback of leavers) callback();
}

/** localStorage may have changed: follow it, unless this tab has a session of its own. Or the cookie: only the API knows. */
function lookAgain(): void {
  if (isOwners()) return;
  if (state.inCookie) for (const callback of lookers) callback();
  else if (readItem("local", "token") === null && state.remembered) leaveWithOthers();
  else if (state.facts === null || state.remembered) readSession();
}

readSession();
channel?.addEventListener("message", (event) => {
  if (event.data === "logged-out") leaveWithOthers();
  if (event.data === "logged-in" && state.inCookie) lookAgain();
});
globalThis.addEventListener?.("storage", (event) => {
  if (state.inCookie) return;
  // A page of the tutorial's kind logs out by clear() (key is null), ours by removing the token.
  if (event.storageArea !== globalThis.localStorage || (event.key !== null && event.key !== "token")) return;
  lookAgain();
});
globalThis.addEventListener?.("pageshow", (event) => {
  // Shown again by Back as it was left: what happened meanwhile was told to the pages that were awake.
  if (event.persisted) lookAgain();
});
