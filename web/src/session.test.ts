import { beforeEach, describe, expect, it, vi } from "vitest";

const facts = { token: "t.o.k", username: "python01", userId: 7 };
const fresh = async () => {
  vi.resetModules();
  return import("./session.ts");
};

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

it("keeps the token where the tutorial's clients do, under their names", async () => {
  const session = await fresh();
  session.startSession(facts, true);
  expect([localStorage.getItem("token"), localStorage.getItem("user_id")]).toEqual(["t.o.k", "7"]);
  expect(sessionStorage.length).toBe(0);
  session.startSession(facts, false);
  expect([sessionStorage.getItem("token"), localStorage.getItem("token")]).toEqual(["t.o.k", null]);
});

it("takes over what a page of the tutorial's kind left, and forgets only its own keys", async () => {
  localStorage.setItem("token", "old");
  localStorage.setItem("username", "python02");
  localStorage.setItem("user_id", "9");
  localStorage.setItem("cart", "kept");
  const session = await fresh();
  expect(session.session.facts).toEqual({ token: "old", username: "python02", userId: 9 });
  session.endSession();
  expect(session.currentToken()).toBeNull();
  expect(localStorage.getItem("cart")).toBe("kept");
});

it("leaves when another page clears the storage, and tells who listens", async () => {
  const session = await fresh();
  session.startSession(facts, true);
  const left = vi.fn();
  session.onLoggedOutElsewhere(left);
  localStorage.clear();
  window.dispatchEvent(new StorageEvent("storage", { key: null, storageArea: localStorage }));
  expect(left).toHaveBeenCalledOnce();
  expect(session.isLoggedIn.value).toBe(false);
});

it("never lets another tab see a new log-in half written, or the old one gone", async () => {
  const kept = new Map<string, string>();
  const seen = new Set<string>();
  const look = (_done: unknown) =>
    seen.add(`${kept.get("username")} ${kept.get("user_id")} ${kept.get("token")}`);
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => look(kept.set(key, value)),
    removeItem: (key: string) => look(kept.delete(key)),
  });
  const session = await fresh();
  session.startSession({ ...facts, token: "first" }, true);
  seen.clear();
  session.startSession({ token: "second", username: "python02", userId: 9 }, true);
  vi.unstubAllGlobals();
  expect([...seen]).toEqual(["python02 7 first", "python02 9 first", "python02 9 second"]);
});

it("takes over another tab's log-in, and leaves what that tab wrote when it is notified of an earlier log-out", async () => {
  const session = await fresh();
  const tell = () =>
    window.dispatchEvent(new StorageEvent("storage", { key: "token", storageArea: localStorage }));
  session.startSession(facts, true);
  Object.assign(localStorage, { username: "python02", user_id: "9", token: "second" });
  tell();
  expect(session.session.facts).toEqual({ token: "second", username: "python02", userId: 9 });
  // The other tab has logged out, and is about to log in once more.
  localStorage.removeItem("token");
  localStorage.setItem("username", "python03");
  tell();
  expect(session.isLoggedIn.value).toBe(false);
  expect(localStorage.getItem("username")).toBe("python03");
});

it.each([true, false])(
  "notices a log-out it slept through, where Back shows the page as it was: %s",
  async (persisted) => {
    const session = await fresh();
    session.startSession(facts, true);
    localStorage.clear();
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
    expect(session.isLoggedIn.value).toBe(!persisted);
  },
);

it("forgets a refused token, but not the newer one another tab has put in its place", async () => {
  const session = await fresh();
  session.startSession(facts, true);
  session.dropSession();
  expect(localStorage).toHaveLength(0);
  session.startSession(facts, true);
  localStorage.setItem("token", "newer");
  session.dropSession();
  expect(session.currentToken()).toBeNull();
  expect(localStorage.getItem("token")).toBe("newer");
});

it("drops what was typed into the account's forms at a log-out, not where a session only expired", async () => {
  const session = await fresh();
  const typed = () => {
    session.startSession(facts, false);
    sessionStorage.setItem("meiduo.draft.account.7.email", '{"email":"typed@example.com"}');
    sessionStorage.setItem("meiduo.draft.sign-up", "{}");
  };
  typed();
  session.dropSession();
  expect(sessionStorage.getItem("meiduo.draft.account.7.email")).toContain("typed@");
  typed();
  session.endSession();
  expect(Object.keys(sessionStorage)).toEqual(["meiduo.draft.sign-up"]);
});

it("works in this tab where the browser refuses storage", async () => {
  const refuse = () => {
    throw new DOMException("refused", "SecurityError");
  };
  for (const area of ["localStorage", "sessionStorage"]) {
    vi.stubGlobal(area, { getItem: refuse, setItem: refuse, removeItem: refuse });
  }
  const session = await fresh();
  session.startSession(facts, true);
  expect(session.currentToken()).toBe("t.o.k");
  session.endSession();
  expect(session.currentToken()).toBeNull();
  vi.unstubAllGlobals();
});

describe("renewal", () => {
  const remembered = { ...facts, refreshToken: "r0" };
  const fresh0 = { token: "second", refreshToken: "r1" };

  it("is for who is remembered: a duplicated tab would have a copy of its own", async () => {
    const session = await fresh();
    session.startSession(remembered, false);
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("r0");
    session.startSession(remembered, true);
    expect(session.renewable()).toEqual({ token: "t.o.k", refreshToken: "r0" });
    expect((await fresh()).renewable()).toEqual({ token: "t.o.k", refreshToken: "r0" });
  });

  it("puts both tokens in the place of the one that was used, and of no other", async () => {
    const session = await fresh();
    session.startSession(remembered, true);
    session.renewSession("older", { token: "never", refreshToken: "never" });
    expect(session.currentToken()).toBe("t.o.k");
    session.renewSession("r0", fresh0);
    expect(session.renewable()).toEqual(fresh0);
    expect(localStorage.getItem("username")).toBe("python01");
  });

  it("never renews for one account what another one logged in with meanwhile", async () => {
    const session = await fresh();
    session.startSession(remembered, true);
    // A page of the tutorial's kind knows nothing of the rest.
    Object.assign(localStorage, { username: "python02", user_id: "9", token: "theirs" });
    expect(session.renewable()).toBeNull();
    session.renewSession("r0", fresh0);
    expect(session.currentToken()).toBe("theirs");
  });

  it("sees at once what another tab has renewed, without being told", async () => {
    const session = await fresh();
    session.startSession(remembered, true);
    localStorage.setItem("meiduo.renewal", JSON.stringify(fresh0));
    localStorage.setItem("token", "second");
    expect(session.renewable()).toEqual(fresh0);
  });

  it("ends with the log-out, and with a log-in that has none", async () => {
    const session = await fresh();
    session.startSession(remembered, true);
    session.startSession(facts, true);
    expect(localStorage.getItem("meiduo.renewal")).toBeNull();
    session.startSession(remembered, true);
    session.endSession();
    expect(localStorage).toHaveLength(0);
  });
});
