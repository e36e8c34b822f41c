import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Answer,
  type ApiUnderTest,
  answerWith,
  openPage,
  problem,
} from "../../test/support/page-under-test.ts";
import { session } from "../session.ts";
import CallbackPage from "./CallbackPage.vue";
import LogInPage from "./LogInPage.vue";
import SecondFactorPage from "./SecondFactorPage.vue";
import { keptSecondStep } from "./second-step.ts";

const call = "POST /users/second-factor/";
const held = () =>
  Response.json(
    {
      ...{ title: "A second factor is asked for.", status: 403, code: "second_factor_required" },
      ...{ step: "s.t.e.p", remember_days: 30 },
    },
    { status: 403, headers: { "content-type": "application/problem+json" } },
  );
let answers: Record<string, () => Answer>;
let api: ApiUnderTest;
let page: VueWrapper | undefined;

beforeEach(() => {
  answers = {
    "POST /users/authorizations/": held,
    "GET /oauth/qq/user/": held,
    [call]: () => Response.json({ token: "t.o.k", username: "python01", user_id: 7, refresh_token: "r" }),
  };
  api = answerWith(answers);
});
afterEach(() => {
  page?.unmount();
  sessionStorage.clear();
  localStorage.clear();
  vi.unstubAllGlobals();
});

async function open(component: Parameters<typeof openPage>[0], address: string) {
  const opened = await openPage(component, address);
  page = opened.page;
  return opened;
}

describe("a log-in that the API holds up", () => {
  it("by a password is kept for the page that finishes it", async () => {
    const { page, router } = await open(LogInPage, "/login?next=/account");
    await page.get("input[name=username]").setValue("python01");
    await page.get("input[name=password]").setValue("12345678aA");
    await page.get("input[name=remember]").setValue(true);
    await page.get("form").trigger("submit");
    await flushPromises();
    const kept = {
      step: "s.t.e.p",
      enrols: false,
      erasedAt: null,
      next: "/account",
      remember: true,
      rememberDays: 30,
    };
    expect(keptSecondStep()).toEqual({ ...kept, methods: [] });
    expect(router.currentRoute.value.path).toBe("/second-factor");
    expect(session.facts).toBeNull();
  });

  it("by a third party as well, on its way back", async () => {
    const departure = { provider: "qq", userId: null, next: "/cart", state: "s1", remember: false };
    sessionStorage.setItem("meiduo.departure", JSON.stringify(departure));
    const { router } = await open(CallbackPage, "/oauth/callback/qq?code=c&state=s1");
    const kept = {
      step: "s.t.e.p",
      enrols: false,
      erasedAt: null,
      next: "/cart",
      remember: false,
      rememberDays: 30,
    };
    expect(keptSecondStep()).toEqual({ ...kept, methods: [] });
    expect(router.currentRoute.value.path).toBe("/second-factor");
  });
});

describe("the page", () => {
  const wait = (more: object = {}) =>
    sessionStorage.setItem(
      "meiduo.second-step",
      JSON.stringify({ step: "s.t.e.p", next: "/account", remember: true, methods: ["totp"], ...more }),
    );
  const type = async (shown: VueWrapper, code: string) => {
    await shown.get("input[name=code]").setValue(code);
    await shown.get("form").trigger("submit");
    await flushPromises();
  };

  it("logs in with the code, and goes where the log-in was to lead", async () => {
    wait();
    const { page, router } = await open(SecondFactorPage, "/second-factor");
    await type(page, " 492039 ");
    expect(api.asked.map(({ body }) => body)).toEqual([{ step: "s.t.e.p", code: "492039", refresh: true }]);
    expect(session.facts?.username).toBe("python01");
    expect(router.currentRoute.value.path).toBe("/account");
    expect(keptSecondStep()).toBeNull();
  });

  it("offers to trust the device where the API does, and says so to it", async () => {
    wait();
    const { page: without } = await open(SecondFactorPage, "/second-factor");
    expect(without.find("input[name=remember_device]").exists()).toBe(false);
    without.unmount();
    wait({ rememberDays: 30 });
    const { page } = await open(SecondFactorPage, "/second-factor");
    expect(page.get(".check").text()).toContain("30 days");
    await page.get("input[name=remember_device]").setValue(true);
    await type(page, "492039");
    expect(api.asked.at(-1)?.body).toMatchObject({ remember_device: true });
  });

  it("shows a wrong code, and can be tried again", async () => {
    wait();
    answers[call] = () => problem(400, "second_factor_wrong", "That code is wrong.");
    const { page } = await open(SecondFactorPage, "/second-factor");
    await type(page, "000000");
    expect(page.get("[role=alert]").text()).toContain("That code is wrong.");
    expect(keptSecondStep()).not.toBeNull();
  });

  it("leads back to the log-in once the step is over, and where there is none", async () => {
    wait();
    answers[call] = () => problem(400, "second_factor_step_ended", "It has ended.");
    const { page } = await open(SecondFactorPage, "/second-factor");
    await type(page, "000000");
    expect(page.find("form").exists()).toBe(false);
    expect(page.findAll("a.button[href='/login']")).toHaveLength(1);
    expect(keptSecondStep()).toBeNull();
  });
});
