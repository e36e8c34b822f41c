import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import { type Answer, answerWith, openPage, problem } from "../../test/support/page-under-test.ts";
import CodeLogInPage from "./CodeLogInPage.vue";
import ForgotPasswordPage from "./ForgotPasswordPage.vue";
import LogInPage from "./LogInPage.vue";
import SignUpPage from "./SignUpPage.vue";

const call = "POST /users/codes/sign-in/";
const inside = () => Response.json({ token: "t.o.k", user_id: 7, username: "zhang_san" });
let page: VueWrapper | undefined;
afterEach(() => {
  page?.unmount();
  vi.unstubAllGlobals();
});

async function open(
  component: Parameters<typeof openPage>[0],
  address: string,
  signUp: object,
  answers: Record<string, () => Answer> = {},
) {
  const api = answerWith(answers, signUp);
  const opened = await openPage(component, address);
  page = opened.page;
  await flushPromises();
  return { ...opened, api };
}
const bodyOf = (api: ReturnType<typeof answerWith>, what: string) =>
  api.asked.filter((one) => one.what === what).map(({ body }) => body);

it("is offered on the log-in page where a code logs in, and nowhere else", async () => {
  const links = async (signUp: object) =>
    (await open(LogInPage, "/login?next=/cart", signUp)).page.findAll("a").map((a) => a.attributes("href"));
  expect(await links({ codeLogIn: ["email"] })).toContain("/login/code?next=/cart");
  expect((await links({})).join()).not.toContain("/login/code");
  const off = await open(CodeLogInPage, "/login/code", {});
  expect(off.page.find("form").exists()).toBe(false);
});

it("logs in by a code of the address, or of the number", async () => {
  const { page, api } = await open(
    CodeLogInPage,
    "/login/code",
    { codeLogIn: ["email", "mobile"] },
    { [call]: inside },
  );
  await page.get("input[name=email]").setValue("zhang@example.com");
  await page.get("input[name=email_code]").setValue("your code is A7K9Q2, ok");
  await page.get("form").trigger("submit");
  await flushPromises();
  expect(bodyOf(api, call)).toEqual([{ email: "zhang@example.com", email_code: "A7K9Q2" }]);
  await page.get("button.quiet").trigger("click");
  await flushPromises();
  await page.get("input[name=mobile]").setValue("13800138000");
  expect(page.get("input[name=sms_code]").attributes("autocomplete")).toBe("one-time-code");
  await page.get("input[name=sms_code]").setValue("【美多】012345 是您的登录验证码");
  await page.get("form").trigger("submit");
  await flushPromises();
  expect(bodyOf(api, call)[1]).toEqual({ mobile: "13800138000", sms_code: "012345" });
});

it("asks for what an account is made of only where there is none, and sends the same code again", async () => {
  let isThere = false;
  const { page, api } = await open(
    CodeLogInPage,
    "/login/code",
    { codeLogIn: ["email"] },
    {
      [call]: () => (isThere ? inside() : problem(403, "sign_up_needed", "There is no account yet.")),
    },
  );
  expect(page.find("input[name=allow]").exists()).toBe(false);
  await page.get("input[name=email]").setValue("new@example.com");
  await page.get("input[name=email_code]").setValue("A7K9Q2");
  await page.get("form").trigger("submit");
  await flushPromises();
  expect(page.text()).toContain("There is no account yet");
  await page.get("form").trigger("submit");
  await flushPromises();
  expect(bodyOf(api, call), "without a name and the terms").toHaveLength(1);
  isThere = true;
  await page.get("input[name=username]").setValue("newcomer");
  await page.get("input[name=allow]").setValue(true);
  await page.get("form").trigger("submit");
  await flushPromises();
  expect(bodyOf(api, call)[1]).toEqual({
    ...{ email: "new@example.com", email_code: "A7K9Q2", username: "newcomer", allow: "true" },
  });
});

it("signs up by a number where the site takes one, and an address is not asked for", async () => {
  const { page, api } = await open(
    SignUpPage,
    "/register",
    { by: ["mobile"], username: "later" },
    {
      "POST /users/": () =>
        Response.json({ id: 7, username: "user12345678", email: "", token: "t.o.k", user_id: 7 }),
    },
  );
  await vi.waitFor(() => expect(page.find("input[name=mobile]").exists()).toBe(true));
  expect(page.find("input[name=email]").exists()).toBe(false);
  await page.get("input[name=mobile]").setValue("13800138000");
  await page.get("input[name=sms_code]").setValue("012345");
  for (const name of ["password", "password2"]) {
    await page.get(`input[name=${name}]`).setValue("three quiet lanterns");
  }
  await page.get("input[name=allow]").setValue(true);
  await page.get("form").trigger("submit");
  await flushPromises();
  expect(bodyOf(api, "POST /users/")[0]).toMatchObject({ mobile: "13800138000", sms_code: "012345" });
});

it("resets the password by the address alone where the site sends no SMS", async () => {
  const { page } = await open(ForgotPasswordPage, "/forgot-password", {});
  expect(page.find("input[name=email]").exists()).toBe(true);
  expect(page.find("form button.quiet").exists()).toBe(false);
});
