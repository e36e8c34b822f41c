import { beforeEach, expect, it, vi } from "vitest";

const own = { token: "own.t.k", username: "clerk", userId: 3 };
const kept = () => ({
  ...{ token: "a.c.t", username: "python01", userId: 7, by: "clerk" },
  ends: new Date(Date.now() + 600_000).toISOString(),
});
const fresh = async () => {
  vi.resetModules();
  const [session, impersonation] = await Promise.all([import("./session.ts"), import("./impersonation.ts")]);
  return { ...session, ...impersonation };
};

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

it("takes the place of one's own session on the site, and leaves that where it is", async () => {
  const site = await fresh();
  site.startSession(own, true);
  site.keepImpersonation(kept());
  const next = await fresh();
  expect(next.noteImpersonation(true)).toBe(true);
  expect(next.session.facts).toEqual({ token: "a.c.t", username: "python01", userId: 7 });
  expect(next.renewable()).toEqual({ token: "a.c.t", refreshToken: null });
  expect(localStorage.getItem("token")).toBe("own.t.k");
  // Not under the tutorial's names: a page without a banner isn't given it.
  expect(sessionStorage.getItem("token")).toBeNull();
  next.forgetImpersonation();
  const after = await fresh();
  expect(after.noteImpersonation(true)).toBe(false);
  expect(after.session.facts).toMatchObject(own);
});

it("shows in the console, whose session stays one's own", async () => {
  const site = await fresh();
  site.startSession(own, false);
  site.keepImpersonation(kept());
  const next = await fresh();
  expect(next.noteImpersonation(false)).toBe(false);
  expect(next.session.facts).toMatchObject(own);
  expect(next.session.impersonation).toMatchObject({ by: "clerk", username: "python01" });
});

it("is not disturbed by what other tabs do with one's own session", async () => {
  const site = await fresh();
  site.startSession(own, true);
  site.keepImpersonation(kept());
  const next = await fresh();
  next.noteImpersonation(true);
  localStorage.clear();
  globalThis.dispatchEvent(new StorageEvent("storage", { key: null, storageArea: globalThis.localStorage }));
  expect(next.session.facts).toMatchObject({ userId: 7 });
});

it("is none once its time is over, where it is broken, and after a log-in in the tab", async () => {
  const site = await fresh();
  site.keepImpersonation({ ...kept(), ends: new Date(Date.now() - 1).toISOString() });
  expect(site.keptImpersonation()).toBeNull();
  sessionStorage.setItem("meiduo.impersonation", '{"token":"a.c.t"}');
  expect(site.keptImpersonation()).toBeNull();
  site.keepImpersonation(kept());
  site.noteImpersonation(true);
  site.startSession(own, false);
  expect(site.keptImpersonation()).toBeNull();
  expect(site.session.impersonation).toBeNull();
  expect(site.session.facts).toMatchObject(own);
});
