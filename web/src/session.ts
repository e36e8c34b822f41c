/**
 * Who is logged in, in this browser.
 *
 * The token lies where the tutorial's clients keep it, under their names: localStorage with "remember me", else
 * sessionStorage, so that both kinds of pages work side by side on one origin. The box decides for every log-in: the
 * tutorial's clients put a third-party log-in into localStorage unasked, where the next person at a shared computer
 * finds it. A log-out reaches every tab.
 * Never in a cookie, never in an address, never in a log.
 */
import { computed, reactive, readonly } from "vue";
import { readItem, removeItem, type StorageKind, writeItem } from "./browser-storage.ts";
import { accountDrafts, forgetDrafts } from "./form-draft.ts";

export interface SessionFacts {
  readonly token: string;
  readonly username: string;
  readonly userId: number;
}

const keys = ["token", "username", "user_id"] as const;
const state = reactive<{ facts: SessionFacts | null; remembered: boolean }>({
  facts: null,
  remembered: false,
});
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("meiduo.session");
const leavers = new Set<() => void>();

export const session = readonly(state);
export const isLoggedIn = computed(() => state.facts !== null);

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
  forgetIn(remember ? "session" : "local");
  const kind: StorageKind = remember ? "local" : "session";
  writeItem(kind, "username", facts.username);
  writeItem(kind, "user_id", String(facts.userId));
  writeItem(kind, "token", facts.token);
  state.facts = facts;
  state.remembered = remember;
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
}

function readSession(): void {
  const kind = readItem("session", "token") ? "session" : "local";
  const token = readItem(kind, "token");
  const userId = Number(readItem(kind, "user_id"));
  state.facts = token ? { token, username: readItem(kind, "username") ?? "", userId } : null;
  state.remembered = kind === "local" && token !== null;
}

function leaveWithOthers(): void {
  if (state.facts === null) return;
  // Only what is this tab's: by now somebody may have logged in again in another.
  dropSession();
  forgetDrafts(accountDrafts);
  for (const callback of leavers) callback();
}

/** localStorage may have changed: follow it, unless this tab has a session of its own. */
function lookAgain(): void {
  if (readItem("local", "token") === null && state.remembered) leaveWithOthers();
  else if (state.facts === null || state.remembered) readSession();
}

readSession();
channel?.addEventListener("message", (event) => {
  if (event.data === "logged-out") leaveWithOthers();
});
globalThis.addEventListener?.("storage", (event) => {
  // A page of the tutorial's kind logs out by clear() (key is null), ours by removing the token.
  if (event.storageArea !== globalThis.localStorage || (event.key !== null && event.key !== "token")) return;
  lookAgain();
});
globalThis.addEventListener?.("pageshow", (event) => {
  // Shown again by Back as it was left: what happened meanwhile was told to the pages that were awake.
  if (event.persisted) lookAgain();
});
