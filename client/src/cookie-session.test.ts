import { afterEach, describe, expect, it } from "vitest";
import { createSession, type Session } from "./session.ts";

const opened: Session[] = [];
afterEach(() => {
  for (const session of opened.splice(0)) session.close();
});

/** An API with one browser's jar in front of it; several sessions are several tabs. */
function setUp(accounts: readonly string[]) {
  let cookie: string | null = null;
  const asked: { call: string; credentials: unknown; headers: Record<string, string> }[] = [];
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const path = new URL(String(url)).pathname;
    const headers = Object.fromEntries(new Headers(init?.headers));
    asked.push({ call: `${init?.method} ${path}`, credentials: init?.credentials, headers });
    if (path === "/users/authorizations/") {
      const { username, refresh } = JSON.parse(String(init?.body)) as { username: string; refresh?: true };
      if (!accounts.includes(username)) return Response.json({ code: "wrong_credentials" }, { status: 400 });
      cookie = refresh ? `${username} lasts` : username;
      return Response.json({ token: "", username, user_id: accounts.indexOf(username) });
    }
    if (path === "/user/sessions/current/") {
      cookie = null;
      return new Response(null, { status: 204 });
    }
    if (cookie === null) return Response.json({ code: "not_authenticated" }, { status: 401 });
    const [username = ""] = cookie.split(" ");
    return Response.json({ id: accounts.indexOf(username), username });
  };
  const open = () => {
    const session = createSession({ baseUrl: "http://api.test", fetch, retries: 0, cookieSession: true });
    opened.push(session);
    return session;
  };
  return { open, asked, cookie: () => cookie, lose: () => (cookie = null) };
}

/** Until it says so; a message to another tab takes a moment. */
async function until(session: Session, status: string, username?: string): Promise<void> {
  await expect
    .poll(() => session.state(), { timeout: 60_000 })
    .toMatchObject({
      status,
      ...(username && { user: { username } }),
    });
}

describe("a session in a cookie", () => {
  it("is asked for at once, by every call with the browser's cookies, the header and no token", async () => {
    const { open, asked } = setUp(["ada"]);
    const session = open();
    expect(session.state().status).toBe("loading");
    await until(session, "out");
    await session.logIn("ada", "x");
    expect(session.state()).toMatchObject({ status: "in", user: { username: "ada" } });
    await session.api.countUsername("ada").catch(() => {});
    expect(asked.length).toBe(4);
    for (const { credentials, headers } of asked) {
      expect(credentials).toBe("include");
      expect(headers).toMatchObject({ "x-meiduo-session": "cookie" });
      expect(headers).not.toHaveProperty("authorization");
    }
  });

  it("lasts where it is to be remembered", async () => {
    const { open, cookie } = setUp(["ada"]);
    const session = open();
    await session.logIn("ada", "x", true);
    expect(cookie()).toBe("ada lasts");
  });

  it("is found again by a page that is opened later, and followed by every tab", async () => {
    const { open } = setUp(["ada", "bob"]);
    const first = open();
    await first.logIn("ada", "x");
    const second = open();
    await until(second, "in", "ada");
    await second.logIn("bob", "x");
    await until(first, "in", "bob");
    await first.logOut();
    expect(first.state().status).toBe("out");
    await until(second, "out");
  });

  it("is nobody's once the API refuses it", async () => {
    const { open, lose } = setUp(["ada"]);
    const session = open();
    await session.logIn("ada", "x");
    lose();
    await session.api.sessions().catch(() => {});
    expect(session.state()).toEqual({ status: "out", user: null, error: null });
  });

  it("is as it was after a log-in that is refused", async () => {
    const { open } = setUp(["ada"]);
    const session = open();
    await until(session, "out");
    await expect(session.logIn("eve", "x")).rejects.toMatchObject({ code: "wrong_credentials" });
    expect(session.state().status).toBe("out");
  });
});
