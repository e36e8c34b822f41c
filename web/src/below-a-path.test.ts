/** What the pages do where PUBLIC_SITE_URL has a path: addresses of the origin have it, routes have not. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { answerWith, openPage } from "../test/support/page-under-test.ts";
import { remedyFor } from "./failed-navigation.ts";
import { safeNextPath } from "./next-path.ts";
import { avatarAddress } from "./sign-in/avatar-address.ts";
import { goToBind, takeDeparture } from "./sign-in/third-party.ts";
import { loadSiteConfig } from "./site-config.ts";
import ErrorPage from "./ui/ErrorPage.vue";

vi.mock("./page-settings.ts", async (original) => {
  const { readPageSettings } = await original<typeof import("./page-settings.ts")>();
  return { readPageSettings, pageSettings: readPageSettings('{"base":"/account"}') };
});

const left: string[] = [];
beforeEach(() => {
  left.length = 0;
  vi.spyOn(window.location, "assign").mockImplementation((address) => void left.push(String(address)));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it("without a `next`, or with one that leads elsewhere, the first page is the site's", () => {
  for (const next of [undefined, "", "//evil.example", "javascript:alert(1)"])
    expect(safeNextPath(next)).toBe("/account/");
  expect(safeNextPath("/cart")).toBe("/cart");
});

it("a page that can't be opened is loaded from its own address, or gone back to", () => {
  sessionStorage.clear();
  const gone = new TypeError("Failed to fetch dynamically imported module");
  expect(remedyFor(gone, "/terms?a=b", true)).toEqual({ load: "/account/terms?a=b" });
  expect(remedyFor(gone, "/terms", false)).toEqual({
    query: { reason: "offline", next: "/account/terms" },
  });
});

it("the error page begins anew at the site's first page, and offline goes on to the route it came from", async () => {
  answerWith({});
  const begun = await openPage(ErrorPage, "/error");
  await begun.page.get(".lost button").trigger("click");
  expect(left).toEqual(["/account/"]);
  begun.page.unmount();
  const { page, router } = await openPage(ErrorPage, "/error?reason=offline&next=/account/terms");
  await page.get(".lost button").trigger("click");
  await vi.waitFor(() => expect(router.currentRoute.value.fullPath).toBe("/terms"));
  page.unmount();
});

it("settings and pictures are asked for below the path", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    return Response.json({ apiUrl: "https://shop.example/account-api/" });
  });
  expect((await loadSiteConfig()).apiUrl).toBe("https://shop.example/account-api");
  expect(asked).toEqual(["/account/config.json"]);
  expect(avatarAddress("https://pictures.example/a")).toMatch(/^\/account\/avatar\?address=/);
});

it("who leaves to bind a provider comes back to the site's list, whatever was kept", async () => {
  const api = answerWith({
    "GET /oauth/qq/authorization/": () => Response.json({ login_url: "https://provider.test/?state=s1" }),
  });
  await goToBind("qq", 7);
  expect(api.calls()[0]).toContain(`next=${encodeURIComponent("/account/account/bindings")}`);
  expect(left).toEqual(["https://provider.test/?state=s1"]);
  expect(takeDeparture("qq", "s1").departure?.next).toBe("/account/account/bindings");
  sessionStorage.setItem("meiduo.departure", '{"provider":"qq","state":"s1"}');
  expect(takeDeparture("qq", "s1").departure?.next).toBe("/account/");
});
