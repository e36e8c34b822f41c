import { describe, expect, it, vi } from "vitest";
import { createSession, type SessionOptions } from "./session.ts";
import { areaStore, type SessionStore } from "./session-store.ts";

/** An API that knows these tokens, and a store whose changes from outside are told as another tab's. */
function setUp(
  accounts: Record<string, { id: number; username: string }>,
  more: Partial<SessionOptions> = {},
) {
  const kept = new Map<string, string>();
  const asked: string[] = [];
  let answer: (token: string) => Response | Promise<Response> = (token) =>
    accounts[token]
      ? Response.json(accounts[token])
      : Response.json({ code: "not_authenticated", detail: "Log in." }, { status: 401 });
  let changed = () => {};
  const store: SessionStore = {
    ...areaStore({
      get: (name) => kept.get(name) ?? null,
      set: (name, value) => kept.set(name, value),
      remove: (name) => kept.delete(name),
    }),
    watch(callback) {
      changed = callback;
      return () => {
        changed = () => {};
      };
    },
  };
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const path = new URL(String(url)).pathname;
    const token = new Headers(init?.headers).get("authorization")?.replace("JWT ", "") ?? "";
    asked.push(`${init?.method} ${path} ${token}`.trim());
    if (path === "/users/authorizations/") {
      const { username } = JSON.parse(String(init?.body)) as { username: string };
      const [found] = Object.entries(accounts).filter(([, account]) => account.username === username);
      if (!found) return Response.json({ code: "wrong_credentials", detail: "No." }, { status: 400 });
      return Response.json({ token: found[0], username, user_id: found[1].id });
    }
    return answer(token);
  };
  const start = () => createSession({ baseUrl: "http://api.test", fetch, store, retries: 0, ...more });
  const elsewhere = (token: string | null, userId = 0) => {
    if (token === null) kept.clear();
    else
      for (const [name, value] of Object.entries({ token, user_id: String(userId) })) kept.set(name, value);
    changed();
  };
  const answering = (given: typeof answer) => {
    answer = given;
  };
  return { start, kept, asked, elsewhere, answering };
}

const ada = { id: 1, username: "ada" };
const bob = { id: 2, username: "bob" };

describe("a session", () => {
  it("is nobody's at first, and asks nothing", () => {
    const { start, asked } = setUp({});
    expect(start().state()).toEqual({ status: "out", user: null, error: null });
    expect(asked).toEqual([]);
  });

  it("begins with a log-in, is kept, and is told to whoever listens", async () => {
    const { start, kept } = setUp({ t1: ada });
    const session = start();
    const told: string[] = [];
    const stop = session.subscribe(() => told.push(session.state().status));
    await session.logIn("ada", "x");
    expect(session.state()).toEqual({ status: "in", user: ada, error: null });
    expect(session.state()).toBe(session.state());
    expect(Object.fromEntries(kept)).toEqual({ token: "t1", username: "ada", user_id: "1" });
    stop();
    session.logOut();
    expect(told).toEqual(["loading", "in"]);
    expect([session.state().status, kept.size]).toEqual(["out", 0]);
  });

  it("is forgotten at once at a log-out, and ended at the API, whether that answers or not", async () => {
    const { start, kept, asked, answering } = setUp({ t1: ada });
    const session = start();
    for (const answer of [
      () => new Response(null, { status: 204 }),
      () => Promise.reject(new TypeError("away")),
    ]) {
      answering(() => Response.json(ada));
      await session.logIn("ada", "x");
      answering(answer);
      const told = session.logOut();
      expect([session.state().status, kept.size]).toEqual(["out", 0]);
      await told;
      expect(asked.at(-1)).toBe("DELETE /user/sessions/current/ t1");
    }
    await session.logOut();
    expect(asked.filter((one) => one.startsWith("DELETE"))).toHaveLength(2);
  });

  it("stays as it was where a log-in is refused", async () => {
    const { start, kept } = setUp({ t1: ada });
    const session = start();
    await expect(session.logIn("eve", "x")).rejects.toMatchObject({ code: "wrong_credentials" });
    expect([session.state().status, kept.size]).toEqual(["out", 0]);
  });

  it("goes on at the next visit, and ends where the token is refused", async () => {
    const { start, kept } = setUp({ t1: ada });
    kept.set("token", "t1");
    const session = start();
    expect(session.state().status).toBe("loading");
    await vi.waitFor(() => expect(session.state()).toMatchObject({ status: "in", user: ada }));
    kept.set("token", "expired");
    const next = start();
    await vi.waitFor(() => expect(next.state().status).toBe("out"));
    expect(kept.has("token")).toBe(false);
  });

  it("does not forget the token where the API is away, and can ask again", async () => {
    const { start, kept, answering } = setUp({ t1: ada });
    kept.set("token", "t1");
    answering(() => Promise.reject(new TypeError("away")));
    const session = start();
    await vi.waitFor(() => expect(session.state().status).toBe("failed"));
    expect(session.state().error?.code).toBe("network");
    expect(kept.get("token")).toBe("t1");
    answering(() => Response.json(ada));
    await session.reload();
    expect(session.state()).toEqual({ status: "in", user: ada, error: null });
    answering(() => Promise.reject(new TypeError("away")));
    await session.reload();
    expect(session.state()).toMatchObject({ status: "in", user: ada, error: { code: "network" } });
  });

  it("never shows one account under another's token, whatever answer comes first", async () => {
    const { start, kept, elsewhere, answering } = setUp({});
    const answers = new Map<string, (answer: Response) => void>();
    answering((token) => new Promise((resolve) => answers.set(token, resolve)));
    kept.set("token", "t1");
    const session = start();
    await vi.waitFor(() => expect(answers.has("t1")).toBe(true));
    elsewhere("t2", 2);
    await vi.waitFor(() => expect(answers.has("t2")).toBe(true));
    answers.get("t2")!(Response.json(bob));
    await vi.waitFor(() => expect(session.state().user).toEqual(bob));
    answers.get("t1")!(Response.json({ code: "not_authenticated", detail: "No." }, { status: 401 }));
    await new Promise((resolve) => setTimeout(resolve));
    expect([session.state().user, kept.get("token")]).toEqual([bob, "t2"]);
  });

  it("follows other tabs: a log-out, a log-in of somebody else, and another token of the same account", async () => {
    const { start, elsewhere } = setUp({ t1: ada, t2: ada, t3: bob });
    const session = start();
    await session.logIn("ada", "x");
    const told: (string | undefined)[] = [];
    session.subscribe(() => told.push(session.state().user?.username ?? session.state().status));
    elsewhere("t2", 1);
    await vi.waitFor(() => expect(told).toEqual(["ada"]));
    elsewhere("t3", 2);
    await vi.waitFor(() => expect(told).toEqual(["ada", "loading", "bob"]));
    elsewhere(null);
    expect(told.at(-1)).toBe("out");
    session.close();
    elsewhere("t1", 1);
    expect(session.state().status).toBe("out");
  });
});

describe("renewal", () => {
  it("puts another token in the place of a refused one, once for all calls that failed", async () => {
    let renewals = 0;
    const renew = async (refused: string) => {
      renewals += 1;
      return refused === "t1" ? "t2" : null;
    };
    const { start, kept, asked } = setUp({ t2: ada }, { renew });
    for (const [name, value] of Object.entries({ token: "t1", username: "ada", user_id: "1" }))
      kept.set(name, value);
    const session = start();
    const [permissions] = await Promise.all([session.api.ownPermissions(), session.reload()]);
    expect(permissions).toEqual(ada);
    expect([renewals, kept.get("token"), session.state().user]).toEqual([1, "t2", ada]);
    await session.api.changeProfile({});
    expect(asked.at(-1)).toBe("PATCH /user/ t2");
  });

  it("ends the session where there is none to be had, and where the new one is refused as well", async () => {
    for (const renew of [async () => null, async () => "also-refused"]) {
      const { start, kept } = setUp({}, { renew });
      kept.set("token", "t1");
      const session = start();
      await vi.waitFor(() => expect(session.state().status).toBe("out"));
      expect(kept.has("token")).toBe(false);
    }
  });

  it("never sends one account's call again with another's token", async () => {
    const { start, kept, asked, answering } = setUp({ t1: ada });
    const session = start();
    await session.logIn("ada", "x");
    // Another tab's log-in, of which this one has not heard yet; its own token has expired.
    for (const [name, value] of Object.entries({ token: "t3", username: "bob", user_id: "2" }))
      kept.set(name, value);
    answering((token) =>
      token === "t3"
        ? Response.json(bob)
        : Response.json({ code: "token_expired", detail: "No." }, { status: 401 }),
    );
    await expect(session.api.changeProfile({ first_name: "Ada" })).rejects.toMatchObject({ status: 401 });
    expect(asked.filter((one) => one.startsWith("PATCH"))).toEqual(["PATCH /user/ t1"]);
    expect(kept.get("token")).toBe("t3");
  });
});

describe("a session that is remembered", () => {
  /** Answers refresh tokens to who asks; `t1` has expired, and `r1` renews it. */
  function withRefresh() {
    const kept = new Map<string, string>();
    const asked: string[] = [];
    const wishes: unknown[] = [];
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const path = new URL(String(url)).pathname;
      const body = init?.body ? JSON.parse(String(init.body)) : {};
      if (path === "/users/authorizations/" || path === "/users/") {
        wishes.push(body.refresh);
        const refresh = body.refresh ? { refresh_token: "r1" } : {};
        return Response.json({ token: "t1", username: "ada", user_id: 1, ...refresh });
      }
      asked.push(path);
      if (path === "/user/tokens/refresh/")
        return body.refresh_token === "r1"
          ? Response.json({ token: "t2", refresh_token: "r2", username: "ada", user_id: 1 })
          : Response.json({ code: "refresh_token_invalid", detail: "No." }, { status: 401 });
      const token = new Headers(init?.headers).get("authorization");
      return token === "JWT t2"
        ? Response.json(ada)
        : Response.json({ code: "token_expired", detail: "No." }, { status: 401 });
    };
    return {
      begin: () => createSession({ baseUrl: "http://api.test", fetch, store: storeOf(kept) }),
      kept,
      asked,
      wishes,
    };
  }
  const storeOf = (kept: Map<string, string>) =>
    areaStore({
      get: (name) => kept.get(name) ?? null,
      set: (name, value) => kept.set(name, value),
      remove: (name) => kept.delete(name),
    });

  it("asks for a refresh token at a sign-up, too", async () => {
    const { begin, kept, wishes } = withRefresh();
    const form = {
      email: "a@b.cn",
      email_code: "ABCDEF",
      password: "x",
      password2: "x",
      allow: "true",
    } as const;
    await begin().signUp(form, true);
    await begin().signUp(form);
    expect(wishes).toEqual([true, undefined]);
    expect(kept.has("meiduo.renewal")).toBe(false);
  });

  it("asks for a refresh token, renews with it, and keeps the next one", async () => {
    const { begin, kept, wishes } = withRefresh();
    const session = begin();
    await session.logIn("ada", "x", true);
    expect(wishes).toEqual([true]);
    expect(session.state().user).toEqual(ada);
    expect(kept.get("token")).toBe("t2");
    expect(JSON.parse(kept.get("meiduo.renewal")!)).toEqual({ token: "t2", refreshToken: "r2" });
    session.logOut();
    expect(kept.size).toBe(0);
  });

  it("that is not remembered asks for none, and ends with its token", async () => {
    const { begin, kept, wishes, asked } = withRefresh();
    const session = begin();
    await session.logIn("ada", "x");
    expect(wishes).toEqual([undefined]);
    expect([session.state().status, kept.size]).toEqual(["out", 0]);
    expect(asked).toEqual(["/user/"]);
  });

  it("never renews a token that another page has put in its place", async () => {
    const { begin, kept, asked } = withRefresh();
    kept.set("meiduo.renewal", JSON.stringify({ token: "t1", refreshToken: "r1" }));
    kept.set("token", "theirs");
    const session = begin();
    await vi.waitFor(() => expect(session.state().status).toBe("out"));
    expect(asked).toEqual(["/user/"]);
  });
});
