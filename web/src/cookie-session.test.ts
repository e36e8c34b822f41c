import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defaultSignUp } from "./site-config.ts";

/** The API with the browser's jar in front of it. */
let cookie: { id: number; username: string } | null;
let asked: { path: string; credentials: unknown; headers: Headers }[];
let fails: boolean;

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  [cookie, asked, fails] = [null, [], false];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    asked.push({
      path: new URL(url).pathname,
      credentials: init.credentials,
      headers: new Headers(init.headers),
    });
    if (fails) throw new TypeError("no network");
    return cookie === null
      ? Response.json({ code: "not_authenticated", title: "no" }, { status: 401 })
      : Response.json(cookie);
  });
});
afterEach(() => vi.unstubAllGlobals());

/** A tab of a site that keeps its session in a cookie. */
async function open() {
  vi.resetModules();
  const { connectApi, onSessionExpired } = await import("./api.ts");
  const session = await import("./session.ts");
  const { followCookieSession } = await import("./cookie-session.ts");
  const expired = vi.fn(() => session.dropSession());
  onSessionExpired(expired);
  connectApi({
    ...{ apiUrl: "http://api.test", session: "cookie", returnOrigins: [], providers: [], otherProviders: [] },
    signUp: defaultSignUp,
    passkeys: { rpId: null },
  });
  return { ...session, followCookieSession, expired };
}
const python01 = { id: 7, username: "python01" };

describe("a site whose session is in a cookie", () => {
  it("asks who is logged in, by the cookie alone, and sends nobody away who is not", async () => {
    const tab = await open();
    await tab.followCookieSession();
    expect([tab.isLoggedIn.value, tab.expired.mock.calls.length]).toEqual([false, 0]);
    cookie = python01;
    await tab.followCookieSession();
    expect(tab.session.facts).toEqual({ token: "", username: "python01", userId: 7 });
    for (const { path, credentials, headers } of asked) {
      expect([path, credentials]).toEqual(["/user/", "include"]);
      expect(headers.get("x-meiduo-session")).toBe("cookie");
      expect(headers.get("authorization")).toBeNull();
    }
  });

  it("forgets tokens of before, and keeps none of a log-in", async () => {
    localStorage.setItem("token", "old");
    localStorage.setItem("meiduo.renewal", "{}");
    const tab = await open();
    await tab.followCookieSession();
    tab.startSession({ token: "", username: "python01", userId: 7 }, true);
    expect([tab.isLoggedIn.value, tab.session.remembered]).toEqual([true, true]);
    expect([Object.keys(localStorage), Object.keys(sessionStorage)]).toEqual([["meiduo.lasts"], []]);
    tab.endSession();
    expect(tab.isLoggedIn.value).toBe(false);
  });

  it("follows what another tab did", async () => {
    const tab = await open();
    await tab.followCookieSession();
    const left = vi.fn();
    tab.onLoggedOutElsewhere(left);
    const other = new BroadcastChannel("meiduo.session");
    cookie = python01;
    other.postMessage("logged-in");
    await expect.poll(() => tab.session.facts?.username, { timeout: 60_000 }).toBe("python01");
    other.postMessage("logged-out");
    await expect.poll(() => tab.isLoggedIn.value, { timeout: 60_000 }).toBe(false);
    expect(left).toHaveBeenCalledOnce();
    other.close();
  });

  it("leaves once the API refuses the cookie in the middle of a visit", async () => {
    const tab = await open();
    cookie = python01;
    await tab.followCookieSession();
    cookie = null;
    const { api } = await import("./api.ts");
    await api()
      .sessions()
      .catch(() => {});
    expect([tab.isLoggedIn.value, tab.expired.mock.calls.length]).toEqual([false, 1]);
  });

  it("does not say that nobody is logged in where the API can't be asked, nor that a log-out worked", async () => {
    const tab = await open();
    cookie = python01;
    await tab.followCookieSession();
    fails = true;
    await expect(tab.followCookieSession()).rejects.toMatchObject({ code: "network" });
    cookie = python01;
    fails = false;
    await tab.followCookieSession();
    fails = true;
    const { logOut } = await import("./account/log-out.ts");
    await expect(logOut()).rejects.toMatchObject({ code: "network" });
    expect(tab.isLoggedIn.value).toBe(true);
  });
});
