import { ApiError } from "./api-error.ts";
import { createClient } from "./client.ts";
import type { Session, SessionOptions, SessionState } from "./session.ts";

/** A session in a cookie, which the browser keeps for all tabs: here is only who it belongs to. */

const out: SessionState = { status: "out", user: null, error: null };

/** It asks the API at once who is logged in, since nothing here knows whether there is a cookie. */
export function createCookieSession({ store: _none, renew: _never, ...options }: SessionOptions): Session {
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("meiduo.session");
  // A channel that is open keeps a process of Node alive: a server that renders pages must be able to end.
  (channel as { unref?: () => void } | null)?.unref?.();
  const listeners = new Set<() => void>();
  let state: SessionState = { status: "loading", user: null, error: null };
  let looks = 0;

  const api = createClient({
    ...options,
    cookieSession: true,
    onLogInNeeded: () => {
      // Also of a look under way: it would show somebody who is logged in no more.
      looks++;
      if (state.status !== "out") show(out);
    },
  });

  function show(next: SessionState): void {
    state = next;
    for (const listener of [...listeners]) listener();
  }

  /** One account's facts are never shown while another one's cookie may be there. */
  async function look(isNew: boolean): Promise<void> {
    const turn = ++looks;
    if (isNew || state.user === null) show({ status: "loading", user: null, error: null });
    try {
      const user = await api.currentUser();
      if (turn === looks) show({ status: "in", user, error: null });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (turn === looks) show({ ...state, status: state.user ? "in" : "failed", error });
    }
  }

  async function adopt(): Promise<void> {
    channel?.postMessage("logged-in");
    await look(true);
  }

  channel?.addEventListener("message", ({ data }: { data: unknown }) => {
    if (data === "logged-in") void look(true);
    if (data !== "logged-out") return;
    looks++;
    show(out);
  });
  void look(true);

  return {
    api,
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async logIn(username, password, remember = false) {
      await api.logIn(username, password, remember ? { refresh: true } : {});
      await adopt();
    },
    async signUp(form, remember = false) {
      await api.signUp(remember ? { ...form, refresh: true } : form);
      await adopt();
    },
    adopt,
    reload: () => look(false),
    async logOut() {
      looks++;
      show(out);
      try {
        await api.logOut();
      } catch (error) {
        // Without an answer the cookie is still there: the next look says so.
        if (!(error instanceof ApiError)) throw error;
      }
      channel?.postMessage("logged-out");
    },
    close: () => channel?.close(),
  };
}
