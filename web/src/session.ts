/**
 * Who is logged in, in this browser.
 *
 * The token lies where the tutorial's clients keep it, under their names: localStorage with "remember me", else
 * sessionStorage, so that both kinds of pages work side by side on one origin. A log-out reaches every tab.
 * Never in a cookie, never in an address, never in a log.
 */
import { computed, reactive, readonly } from "vue";
import { readItem, removeItem, type StorageKind, writeItem } from "./browser-storage.ts";

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

/** Takes over a fresh token. `remember` keeps it after the browser is closed. */
export function startSession(facts: SessionFacts, remember: boolean): void {
  forget();
  const kind: StorageKind = remember ? "local" : "session";
  writeItem(kind, "token", facts.token);
  writeItem(kind, "username", facts.username);
  writeItem(kind, "user_id", String(facts.userId));
  state.facts = facts;
  state.remembered = remember;
}

/** Logs out here and in every other tab of this browser. */
export function endSession(): void {
  forget();
  channel?.postMessage("logged-out");
}

/** Forgets a token the server refused. Other tabs may hold a newer one, so they are not told. */
export function dropSession(): void {
  forget();
}

/** Calls back when another tab logged out. Returns a function that stops it. */
export function onLoggedOutElsewhere(callback: () => void): () => void {
  leavers.add(callback);
  return () => leavers.delete(callback);
}

function forget(): void {
  for (const key of keys) {
    removeItem("local", key);
    removeItem("session", key);
  }
  state.facts = null;
  state.remembered = false;
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
  forget();
  for (const callback of leavers) callback();
}

readSession();
channel?.addEventListener("message", (event) => {
  if (event.data === "logged-out") leaveWithOthers();
});
globalThis.addEventListener?.("storage", (event) => {
  // A page of the tutorial's kind logs out by clear() (key is null), ours by removing the token.
  if (event.storageArea !== globalThis.localStorage || (event.key !== null && event.key !== "token")) return;
  if (readItem("local", "token") === null && state.remembered) leaveWithOthers();
  else if (state.facts === null || state.remembered) readSession();
});
