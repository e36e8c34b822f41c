// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { browserStore } from "./browser-store.ts";

const ada = { token: "t1", username: "ada", userId: 1 };

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(() => vi.unstubAllGlobals());

describe("a browser's store", () => {
  it("keeps a session in this tab, or in the browser where it is to be remembered, and in one of them alone", () => {
    const store = browserStore();
    store.write(ada, false);
    expect([{ ...sessionStorage }, { ...localStorage }]).toEqual([
      { token: "t1", username: "ada", user_id: "1" },
      {},
    ]);
    store.write({ ...ada, token: "t2" }, true);
    expect([{ ...sessionStorage }, { ...localStorage }]).toEqual([
      {},
      { token: "t2", username: "ada", user_id: "1" },
    ]);
    expect(store.read()).toEqual({ ...ada, token: "t2" });
  });

  it("renews and forgets this token, wherever it is, and no other", () => {
    const store = browserStore();
    store.write(ada, true);
    store.replace("t0", "t9");
    store.remove("t0");
    expect(store.read()).toEqual(ada);
    store.replace("t1", "t2");
    expect(localStorage.getItem("token")).toBe("t2");
    store.remove("t2");
    expect(store.read()).toBeNull();
  });

  it("is told of a log-out in another tab, and forgets what is this tab's own", async () => {
    const [here, there] = [browserStore(), browserStore()];
    here.write(ada, false);
    const changed = vi.fn();
    const stop = here.watch!(changed);
    there.clear();
    here.write(ada, false);
    await vi.waitFor(() => expect(changed).toHaveBeenCalled());
    expect(here.read()).toBeNull();
    stop();
  });

  it("is told of a page's change, of one that clears all, and of what happened while the page was away", () => {
    const changed = vi.fn();
    const stop = browserStore().watch!(changed);
    const tell = (key: string | null, storageArea: Storage) =>
      window.dispatchEvent(new StorageEvent("storage", { key, storageArea }));
    tell("theme", localStorage);
    tell("token", sessionStorage);
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
    expect(changed).toHaveBeenCalledTimes(0);
    tell("token", localStorage);
    tell(null, localStorage);
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    expect(changed).toHaveBeenCalledTimes(3);
    stop();
    tell("token", localStorage);
    expect(changed).toHaveBeenCalledTimes(3);
  });

  it("keeps a session in memory where the browser refuses its storage", () => {
    const refuse = () => {
      throw new DOMException("refused", "SecurityError");
    };
    for (const name of ["localStorage", "sessionStorage"])
      vi.stubGlobal(name, { getItem: refuse, setItem: refuse, removeItem: refuse });
    const store = browserStore();
    expect(store.read()).toBeNull();
    store.write(ada, true);
    expect(store.read()).toEqual(ada);
    store.clear();
    expect(store.read()).toBeNull();
  });
});
