import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "./api-error.ts";
import { createClient } from "./client.ts";
import { createRenewal, type Renewable } from "./renewal.ts";

afterEach(() => vi.unstubAllGlobals());

/** What tabs of one browser share, and an API that counts. */
function browser(kept: Renewable | null) {
  const shared = { kept, asked: [] as string[], trouble: null as Error | null };
  const tab = () =>
    createRenewal({
      read: () => shared.kept,
      replace: (used, fresh) => {
        if (shared.kept?.refreshToken === used) shared.kept = fresh;
      },
      refresh: async (token) => {
        shared.asked.push(token);
        await Promise.resolve();
        if (shared.trouble) throw shared.trouble;
        const number = Number(token.slice(1)) + 1;
        return { token: `t${number}`, refresh_token: `r${number}` };
      },
    });
  return { shared, tab };
}
const first: Renewable = { token: "t0", refreshToken: "r0" };

/** As browsers have them: one at a time, in order. */
function stubLocks() {
  let last: Promise<unknown> = Promise.resolve();
  const request = (_name: string, work: () => Promise<unknown>) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
  vi.stubGlobal("navigator", { locks: { request } });
}

describe.each(["with locks", "without locks"])("%s", (how) => {
  const begin = (kept: Renewable | null) => {
    if (how === "with locks") stubLocks();
    else vi.stubGlobal("navigator", {});
    return browser(kept);
  };

  it("renews, and keeps both tokens", async () => {
    const { shared, tab } = begin(first);
    expect(await tab()("t0")).toBe("t1");
    expect(shared.kept).toEqual({ token: "t1", refreshToken: "r1" });
  });

  it("of many tabs at once all go on with the same", async () => {
    const { shared, tab } = begin(first);
    const got = await Promise.all([tab(), tab(), tab()].map((renew) => renew("t0")));
    expect(got).toEqual(["t1", "t1", "t1"]);
    expect(shared.kept).toEqual({ token: "t1", refreshToken: "r1" });
    expect(shared.asked).toHaveLength(how === "with locks" ? 1 : 3);
  });

  it("takes what another tab has renewed meanwhile", async () => {
    const { shared, tab } = begin({ token: "t5", refreshToken: "r5" });
    expect(await tab()("t0")).toBe("t5");
    expect(shared.asked).toEqual([]);
  });

  it("has nothing to renew without a refresh token, or where nobody is logged in", async () => {
    expect(await begin({ token: "t0", refreshToken: null }).tab()("t0")).toBeNull();
    expect(await begin(null).tab()("t0")).toBeNull();
  });

  it("waits for the rest of what another tab is writing", async () => {
    const { shared, tab } = begin({ token: "t0", refreshToken: null });
    const renewed = tab()("t0");
    shared.kept = { token: "t1", refreshToken: "r1" };
    expect(await renewed).toBe("t1");
    expect(shared.asked).toEqual([]);
  });

  it.each(["refresh_token_invalid", "refresh_token_reused"])("knows by %s that it is over", async (code) => {
    const { shared, tab } = begin(first);
    shared.trouble = new ApiError({ code, message: "", status: 401 });
    expect(await tab()("t0")).toBeNull();
  });

  it("takes no other failure for the end", async () => {
    const { shared, tab } = begin(first);
    shared.trouble = new ApiError({ code: "network", message: "" });
    await expect(tab()("t0")).rejects.toMatchObject({ code: "network" });
    shared.trouble = null;
    expect(await tab()("t0")).toBe("t1");
  });

  it("never stores an answer over a newer log-in", async () => {
    const { shared, tab } = begin(first);
    const renewed = tab()("t0");
    shared.kept = { token: "others", refreshToken: "o" };
    await renewed;
    expect(shared.kept.token).toBe("others");
  });
});

it("a client's calls go on with the new token, asked for once", async () => {
  const { shared, tab } = browser(first);
  vi.stubGlobal("navigator", {});
  const sent: (string | null)[] = [];
  const api = createClient({
    baseUrl: "http://api.test",
    token: () => shared.kept?.token,
    renew: tab(),
    fetch: async (_url, options) => {
      const used = new Headers(options?.headers).get("authorization");
      sent.push(used);
      return used === "JWT t0"
        ? Response.json({ detail: "Signature has expired.", code: "token_expired" }, { status: 401 })
        : Response.json({ sessions: [] });
    },
  });
  await Promise.all([api.sessions(), api.sessions()]);
  expect(sent).toEqual(["JWT t0", "JWT t0", "JWT t1", "JWT t1"]);
  expect(shared.asked).toEqual(["r0"]);
});
