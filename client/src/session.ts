import { ApiError } from "./api-error.ts";
import { browserStore } from "./browser-store.ts";
import { type Client, createClient } from "./client.ts";
import { createCookieSession } from "./cookie-session.ts";
import { createRenewal } from "./renewal.ts";
import type { Kept, SessionStore } from "./session-store.ts";
import type { TransportOptions } from "./transport.ts";
import type { CurrentUser, SignUpForm } from "./wire.ts";

export { nextPath } from "./next-path.ts";
export type { Kept, SessionStore } from "./session-store.ts";

/** Who is logged in here: the token, where it is kept, and the account that it belongs to. */

export interface SessionState {
  /**
   * - `out`: nobody is logged in.
   * - `loading`: there is a token, and the API is being asked whose it is.
   * - `in`: `user` is logged in.
   * - `failed`: there is a token, and the API did not say whose it is; `error` has why. {@link Session.reload} asks again.
   */
  readonly status: "out" | "loading" | "in" | "failed";
  readonly user: CurrentUser | null;
  readonly error: ApiError | null;
}

export interface SessionOptions extends Omit<TransportOptions, "token" | "onLogInNeeded"> {
  /** Where the session is kept; not with `cookieSession`. Default: the browser's storage; mini programs bring one (`@meiduo/client/wx`). */
  readonly store?: SessionStore;
}

/** What every way in answers: log-in, sign-up, a third-party log-in. */
export interface WayInAnswer {
  readonly token: string;
  readonly refresh_token?: string | undefined;
  readonly username: string;
  readonly user_id?: number | undefined;
  readonly id?: number | undefined;
}

export interface Session {
  /** The client whose calls carry this session's token. */
  readonly api: Client;
  /** The same object until something changes. */
  state(): SessionState;
  /** Calls back after each change. Returns what stops it. */
  subscribe(listener: () => void): () => void;
  /** Rejects with an {@link ApiError}, as the API's own call does. `remember`: also after the browser is closed. */
  logIn(username: string, password: string, remember?: boolean): Promise<void>;
  /** Makes the account and logs it in. Rejects with an {@link ApiError}. */
  signUp(form: SignUpForm, remember?: boolean): Promise<void>;
  /** Takes over the token of a call's answer: of a third-party log-in, or a changed password. */
  adopt(answer: WayInAnswer, remember?: boolean): Promise<void>;
  /** Asks the API again who the user is: after a change of the profile, or a failure. Never rejects. */
  reload(): Promise<void>;
  /**
   * Forgets the session at once, here and in every other tab of this browser, and ends it at the API. Resolves when the
   * API has answered or could not: wait for it before you leave the page. Never rejects.
   */
  logOut(): Promise<void>;
  /** Stops listening to other tabs. */
  close(): void;
}

const out: SessionState = { status: "out", user: null, error: null };

/** The session of a page or a mini program. It asks the API at once who the kept token belongs to. */
export function createSession(given: SessionOptions): Session {
  return given.cookieSession ? createCookieSession(given) : createTokenSession(given);
}

function createTokenSession({ store = browserStore(), renew, ...options }: SessionOptions): Session {
  const ownRenewal = createRenewal({
    read() {
      const found = store.read();
      // Another account's, of another tab's log-in, is none for calls that this one began.
      if (found === null || !Object.is(found.userId, kept?.userId)) return null;
      return { token: found.token, refreshToken: found.refreshToken ?? null };
    },
    replace(used, fresh) {
      const found = store.read();
      if (found?.refreshToken !== used) return;
      store.replace(found.token, fresh.token, fresh.refreshToken);
    },
    refresh: (refreshToken) => api.refreshTokens(refreshToken),
  });
  const listeners = new Set<() => void>();
  let kept: Kept | null = null;
  let state: SessionState = out;
  let looks = 0;

  const api = createClient({
    ...options,
    renew: renewed(renew ?? ownRenewal),
    token: () => kept?.token,
    // An answer to an earlier token says nothing of the one that has replaced it.
    onLogInNeeded: (_error, token) => {
      if (token && token === kept?.token) {
        store.remove(token);
        void follow(null);
      }
    },
  });

  function show(next: SessionState): void {
    state = next;
    for (const listener of [...listeners]) listener();
  }

  /** One account's facts are never shown under another one's token. */
  async function follow(next: Kept | null): Promise<void> {
    const isSameUser = kept !== null && kept.userId === next?.userId && state.status === "in";
    kept = next;
    const look = ++looks;
    if (next === null) return show(out);
    if (!isSameUser) show({ status: "loading", user: null, error: null });
    try {
      const user = await api.currentUser();
      if (look === looks) show({ status: "in", user, error: null });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // A refused token is forgotten by now. What was shown before a failed second look is still true of this account.
      if (look === looks) show({ ...state, status: state.user ? "in" : "failed", error });
    }
  }

  function renewed(ask: NonNullable<SessionOptions["renew"]>) {
    return async (refused: string) => {
      const fresh = await ask(refused);
      if (fresh !== null && kept?.token === refused) {
        // What our own renewal, or another tab's, has kept by now stays: there is nothing left to replace.
        store.replace(refused, fresh);
        kept = { ...kept, token: fresh };
      }
      return fresh;
    };
  }

  async function adopt(answer: WayInAnswer, remember = false): Promise<void> {
    const { token, username } = answer;
    // A tab's own is a token alone: a duplicated tab takes a copy with it, and two that renew look like a thief.
    const refreshToken = remember ? answer.refresh_token : undefined;
    const next = {
      ...{ token, username, userId: answer.user_id ?? answer.id ?? Number.NaN },
      ...(refreshToken === undefined ? {} : { refreshToken }),
    };
    store.write(next, remember);
    await follow(next);
  }

  const stopWatching = store.watch?.(() => {
    const found = store.read();
    if (found?.token !== kept?.token) void follow(found);
  });
  void follow(store.read());

  return {
    api,
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    logIn: async (username, password, remember = false) =>
      adopt(await api.logIn(username, password, remember ? { refresh: true } : {}), remember),
    signUp: async (form, remember = false) =>
      adopt(await api.signUp(remember ? { ...form, refresh: true } : form), remember),
    adopt,
    reload: () => follow(kept),
    async logOut() {
      // The call takes its token when it is made, before that is forgotten.
      const told = kept === null ? undefined : api.logOut();
      store.clear();
      void follow(null);
      try {
        await told;
      } catch (error) {
        // What the API was not told of ends by itself.
        if (!(error instanceof ApiError)) throw error;
      }
    },
    close: () => stopWatching?.(),
  };
}
