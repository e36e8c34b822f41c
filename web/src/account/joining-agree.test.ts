import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { h } from "vue";
import { type ApiUnderTest, answerWith, openPage, problem } from "../../test/support/page-under-test.ts";
import { startSession } from "../session.ts";
import JoiningAgree from "./JoiningAgree.vue";

/** The account that goes: a code to its number and its password where the server asks for them, and nothing else before. */
const ticketCall = "POST /user/joining/ticket/";
let answer: () => Response;
let api: ApiUnderTest;
let page: VueWrapper;
let agreed: unknown[];

const open = async (again = false) => {
  const onAgreed = (one: unknown) => agreed.push(one);
  const shown = { offer: "o1", label: "Let it go", again, onAgreed };
  ({ page } = await openPage({ render: () => h(JoiningAgree, shown as never) }, "/joining"));
};
beforeEach(() => {
  agreed = [];
  answer = () =>
    Response.json({ ticket: "t1", expires_in: 600, kept: { id: 8, username: "kept" } }, { status: 201 });
  api = answerWith({
    [ticketCall]: () => answer(),
    "GET /user/": () => Response.json({ id: 7, username: "python01", mobile: "13800138000" }),
  });
  startSession({ token: "t", username: "python01", userId: 7 }, false);
});
afterEach(() => {
  page.unmount();
  vi.unstubAllGlobals();
});
async function send() {
  await page.get("form").trigger("submit");
  await flushPromises();
}
const sent = () => api.asked.filter(({ what }) => what === ticketCall).map(({ body }) => body);

it("asks for nothing that the server doesn't", async () => {
  await open();
  expect(page.find("input").exists()).toBe(false);
  await send();
  expect(sent()).toEqual([{ offer: "o1" }]);
  expect(agreed).toMatchObject([{ ticket: "t1" }]);
});

it("takes a code to the number, then the password, and sends both", async () => {
  await open();
  const accepts = answer;
  answer = () => problem(403, "old_number_required", "A code to the present number is needed, too.");
  await send();
  expect(page.text()).toContain("13800138000");
  await send();
  expect(sent(), "not without a code").toHaveLength(1);
  await page.get("[name=old_sms_code]").setValue("123456");
  const message = "Please enter it.";
  const fields = [{ field: "current_password", code: "required", message }];
  answer = () =>
    Response.json({ code: "invalid_fields", title: message, status: 400, fields }, { status: 400 });
  await send();
  await page.get("[name=current_password]").setValue("12345678aA");
  answer = accepts;
  await send();
  expect(sent().at(-1)).toEqual({ offer: "o1", old_sms_code: "123456", current_password: "12345678aA" });
  expect(agreed).toMatchObject([{ ticket: "t1" }]);
});

it("goes on by itself for whoever comes back from a third party that showed who they are", async () => {
  await open(true);
  await flushPromises();
  expect(agreed).toMatchObject([{ ticket: "t1" }]);
});
