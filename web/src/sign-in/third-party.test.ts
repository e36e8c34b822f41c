import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { shown } from "../../test/support/page-under-test.ts";
import { connectApi } from "../api.ts";
import { i18n, language } from "../language.ts";
import { dropSession, startSession } from "../session.ts";
import { defaultSignUp } from "../site-config.ts";
import CallbackPage from "./CallbackPage.vue";
import ThirdPartyButtons from "./ThirdPartyButtons.vue";
import { goToBind, goToProvider, takeDeparture } from "./third-party.ts";

let asked: string[];
let left: string[];
let loginUrl: string;

beforeEach(() => {
  sessionStorage.clear();
  dropSession();
  language.value = "en";
  asked = [];
  left = [];
  loginUrl = "https://provider.test/?state=s1";
  vi.stubGlobal(
    "fetch",
    async (url: string, { method, headers }: { method: string; headers: Record<string, string> }) => {
      const { pathname, search } = new URL(url);
      asked.push(`${method} ${pathname}${search}${headers.authorization ? " as the user" : ""}`);
      if (pathname.endsWith("/authorization/")) return Response.json({ login_url: loginUrl });
      return Response.json({ code: "provider_error", title: "Out of order" }, { status: 503 });
    },
  );
  vi.spyOn(window.location, "assign").mockImplementation((address) => {
    left.push(String(address));
  });
  connectApi({
    apiUrl: "http://api.test",
    session: "token",
    returnOrigins: [],
    providers: [shown("qq", "QQ", "QQ")],
    otherProviders: [],
    signUp: defaultSignUp,
    passkeys: { rpId: null },
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const logIn = (userId: number) => startSession({ token: "t", username: "python01", userId }, false);

/** The page the provider sends the browser back to, once it has failed. */
async function openFailing(address: string) {
  const component = { render: () => null };
  const routes = [
    { path: "/oauth/callback/:provider", component },
    { path: "/:rest(.*)*", component },
  ];
  const router = createRouter({ history: createMemoryHistory(), routes });
  await router.push(address);
  const page = mount(CallbackPage, { global: { plugins: [i18n, router] } });
  await vi.waitFor(() => page.get(".home-actions"));
  const before = left.length;
  return {
    button: page.get(".home-actions button"),
    async tryAgain() {
      await page.get(".home-actions button").trigger("click");
      await vi.waitFor(() => expect(left).toHaveLength(before + 1));
      return asked.at(-1);
    },
  };
}

async function showAgain(persisted: boolean) {
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
  await flushPromises();
}

it("takes back the state it left with once, and remembers what for", async () => {
  await goToBind("qq", 7);
  expect(left).toEqual([loginUrl]);
  expect(takeDeparture("weibo", "s1")).toEqual({ departure: null, isOurs: false });
  const departure = { provider: "qq", userId: 7, next: "/account/bindings", remember: false };
  expect(takeDeparture("qq", "s1")).toEqual({ departure, isOurs: true });
  expect(takeDeparture("qq", "s1")).toEqual({ departure, isOurs: false });
  await goToProvider("qq", "/cart", true);
  expect(takeDeparture("qq", "forged").isOurs).toBe(false);
  expect(takeDeparture("qq", "s1")).toEqual({
    departure: { provider: "qq", userId: null, next: "/cart", remember: true },
    isOurs: false,
  });
});

it.each(["not JSON", "null", "7", '{"provider":"qq","state":null}'])("knows no state from %s", (kept) => {
  sessionStorage.setItem("meiduo.departure", kept);
  for (const state of [null, undefined, "", "s1"]) expect(takeDeparture("qq", state).isOurs).toBe(false);
});

it("opens no address that would run in the site", async () => {
  loginUrl = "javascript:alert(1)";
  await expect(goToProvider("qq", "/", false)).rejects.toMatchObject({ code: "not_the_api" });
  expect([left, sessionStorage.length]).toEqual([[], 0]);
});

it("tries a failed addition again as an addition, also after a reload", async () => {
  logIn(7);
  await goToBind("qq", 7);
  const again = "GET /oauth/qq/authorization/?next=%2Faccount%2Fbindings as the user";
  const failed = await openFailing("/oauth/callback/qq?code=c&state=s1");
  expect(asked.at(-1)).toBe("POST /user/bindings/qq/ as the user");
  expect(await failed.tryAgain()).toBe(again);
  expect(await (await openFailing("/oauth/callback/qq?error=access_denied&state=s1")).tryAgain()).toBe(again);
  expect(await (await openFailing("/oauth/callback/qq")).tryAgain()).toBe(again);
});

it("adds nothing to an account the reader did not leave from", async () => {
  logIn(7);
  await goToBind("qq", 7);
  logIn(8);
  const failed = await openFailing("/oauth/callback/qq?code=c&state=s1");
  expect(asked.at(-1)).toBe("GET /oauth/qq/user/?code=c&state=s1");
  expect(await failed.tryAgain()).not.toContain("as the user");
});

it("tries a failed log-in again on the way to where it was to end, never to another site", async () => {
  await goToProvider("qq", "/cart?a=b", false);
  const failed = await openFailing("/oauth/callback/qq?error=access_denied&state=s1");
  expect(await failed.tryAgain()).toBe("GET /oauth/qq/authorization/?next=%2Fcart%3Fa%3Db");
  sessionStorage.setItem("meiduo.departure", '{"provider":"qq","next":"//evil.example"}');
  const astray = await openFailing("/oauth/callback/qq");
  expect(await astray.tryAgain()).toBe("GET /oauth/qq/authorization/?next=%2F");
});

it("offers both ways to leave again when Back shows the page as it was left", async () => {
  const page = mount(ThirdPartyButtons, {
    props: { next: "/", remember: false },
    global: { plugins: [i18n] },
  });
  const failed = await openFailing("/oauth/callback/qq");
  const buttons = [page.get("button"), failed.button];
  for (const button of buttons) await button.trigger("click");
  await vi.waitFor(() => expect(left).toHaveLength(2));
  const waiting = () => buttons.map((button) => button.attributes("aria-disabled"));
  expect(waiting()).toEqual(["true", "true"]);
  await showAgain(false);
  expect(waiting()).toEqual(["true", "true"]);
  await showAgain(true);
  expect(waiting()).toEqual(["false", "false"]);
});
