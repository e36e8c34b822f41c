import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  type Answer,
  type ApiUnderTest,
  answerWith,
  openPage,
  problem,
} from "../../test/support/page-under-test.ts";
import { stubPasskeyBrowser } from "../../test/support/passkey-browser.ts";
import { session } from "../session.ts";
import LogInPage from "../sign-in/LogInPage.vue";
import { keptSecondStep } from "../sign-in/second-step.ts";
import SetUpSecondFactorPage from "./SetUpSecondFactorPage.vue";

const begin = "POST /users/second-factor/enrolment/";
const finish = "POST /users/second-factor/enrolment/confirm/";
const codes = ["AAAAA-22222", "BBBBB-33333"];
let answers: Record<string, () => Answer>;
let api: ApiUnderTest;
let page: VueWrapper | undefined;

beforeEach(() => {
  answers = {
    "POST /users/authorizations/": () =>
      Response.json(
        { title: "Set one up.", status: 403, code: "second_factor_enrolment_required", step: "s.t.e.p" },
        { status: 403, headers: { "content-type": "application/problem+json" } },
      ),
    [begin]: () =>
      Response.json({ secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP" }),
    [finish]: () =>
      Response.json({ token: "t.o.k", username: "python01", user_id: 7, recovery_codes: codes }),
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
const wait = (enrols = true) =>
  sessionStorage.setItem(
    "meiduo.second-step",
    JSON.stringify({ step: "s.t.e.p", enrols, next: "/account", remember: false }),
  );
const type = async (shown: VueWrapper, code: string) => {
  await shown.get("input[name=code]").setValue(code);
  await shown.get("form").trigger("submit");
  await flushPromises();
};

it("is where a log-in leads whose account must have a second factor", async () => {
  const { page, router } = await open(LogInPage, "/login?next=/account");
  await page.get("input[name=username]").setValue("python01");
  await page.get("input[name=password]").setValue("12345678aA");
  await page.get("form").trigger("submit");
  await flushPromises();
  expect(keptSecondStep()).toMatchObject({ step: "s.t.e.p", enrols: true, next: "/account" });
  expect(router.currentRoute.value.path).toBe("/second-factor/setup");
  expect(session.facts).toBeNull();
});

it("shows the secret, takes a first code, is logged in, and shows the recovery codes before it goes on", async () => {
  wait();
  const { page, router } = await open(SetUpSecondFactorPage, "/second-factor/setup");
  expect(page.get(".secret code").text()).toBe("JBSW Y3DP EHPK 3PXP");
  await type(page, "492 039");
  expect(api.asked.at(-1)?.body).toEqual({ step: "s.t.e.p", code: "492039" });
  expect(session.facts?.username).toBe("python01");
  expect(keptSecondStep()).toBeNull();
  expect(page.findAll(".recovery-codes code").map((one) => one.text())).toEqual(codes);
  expect(router.currentRoute.value.path).toBe("/second-factor/setup");
  await page.findAll(".home-actions button").at(-1)!.trigger("click");
  await flushPromises();
  expect(router.currentRoute.value.path).toBe("/account");
});

it("shows a wrong code, and can be tried again", async () => {
  wait();
  answers[finish] = () => problem(400, "second_factor_wrong", "That code is wrong.");
  const { page } = await open(SetUpSecondFactorPage, "/second-factor/setup");
  await type(page, "000000");
  expect(page.get("[role=alert]").text()).toContain("That code is wrong.");
  expect(keptSecondStep()).not.toBeNull();
});

it("leads back to the log-in once the step is over, and where there is none or another", async () => {
  for (const prepare of [() => wait(), () => undefined, () => wait(false)]) {
    sessionStorage.clear();
    prepare();
    answers[begin] = () => problem(400, "second_factor_step_ended", "It has ended.");
    const { page } = await open(SetUpSecondFactorPage, "/second-factor/setup");
    expect(page.findAll("a.button[href='/login']")).toHaveLength(1);
    expect(page.find("form").exists()).toBe(false);
    page.unmount();
  }
});

const beginPasskey = `${begin}passkey/`;
const finishPasskey = `${beginPasskey}confirm/`;
const press = async (shown: VueWrapper, words: string) => {
  await shown
    .findAll("button")
    .find((button) => button.text() === words)!
    .trigger("click");
  await vi.dynamicImportSettled();
  await flushPromises();
};

async function openChoice() {
  const browser = stubPasskeyBrowser();
  const challenge = { challenge: "Y2hhbGxlbmdl", user: { id: "aGFuZGxl" }, pubKeyCredParams: [] };
  answers[beginPasskey] = () => Response.json({ options: challenge });
  answers[finishPasskey] = answers[finish]!;
  api = answerWith(answers, {}, "localhost");
  sessionStorage.setItem(
    "meiduo.second-step",
    JSON.stringify({ step: "s.t.e.p", enrols: true, next: "/account", methods: ["passkey", "totp"] }),
  );
  return { browser, ...(await open(SetUpSecondFactorPage, "/second-factor/setup")) };
}

it("takes a passkey in place of the app, where the step and the browser do", async () => {
  const { browser, page } = await openChoice();
  expect(api.calls(), "no secret before it is wanted").toEqual([]);
  await press(page, "Add a passkey");
  expect(api.asked[0]).toEqual({ what: beginPasskey, body: { step: "s.t.e.p" } });
  expect(browser.ceremonies.map(({ kind }) => kind)).toEqual(["create"]);
  expect(api.asked[1]).toMatchObject({
    ...{ what: finishPasskey, body: { step: "s.t.e.p", passkey: { id: "Y3JlZA" } } },
  });
  expect(session.facts?.username).toBe("python01");
  expect(keptSecondStep()).toBeNull();
  expect(page.findAll(".recovery-codes code").map((one) => one.text())).toEqual(codes);
});

it("goes on waiting where the person would not, and takes the app all the same", async () => {
  const { browser, page } = await openChoice();
  browser.refusal = "NotAllowedError";
  await press(page, "Add a passkey");
  expect(page.text()).toContain("It was not finished.");
  expect(keptSecondStep()).not.toBeNull();
  await press(page, "Use an authenticator app");
  expect(page.find(".qr").exists()).toBe(true);
  await press(page, "Another way");
  expect(page.find(".qr").exists()).toBe(false);
  answers[finishPasskey] = () => problem(400, "second_factor_there", "It is on already.");
  browser.refusal = undefined;
  await press(page, "Add a passkey");
  expect(page.findAll("a.button[href='/login']")).toHaveLength(1);
  expect(keptSecondStep()).toBeNull();
});
