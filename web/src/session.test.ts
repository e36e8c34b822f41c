import { beforeEach, expect, it, vi } from "vitest";

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

it("works in this tab where the browser refuses storage", async () => {
  const refuse = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("refused", "QuotaExceededError");
  });
  const session = await fresh();
  session.startSession(facts, true);
  expect(session.currentToken()).toBe("t.o.k");
  refuse.mockRestore();
});
