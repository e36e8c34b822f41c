import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  type Answer,
  type ApiUnderTest,
  answerWith,
  openPage,
  problem,
} from "../../test/support/page-under-test.ts";
import { currentToken, startSession } from "../session.ts";
import NotMePage from "./NotMePage.vue";

let answers: Record<string, () => Answer>;
let api: ApiUnderTest;
let page: VueWrapper;
const call = "POST /user/sessions/disown/";

beforeEach(async () => {
  answers = { [call]: () => Response.json({ message: "OK", mailed: true }) };
  api = answerWith(answers);
  startSession({ token: "t", username: "python01", userId: 7 }, false);
  page = (await openPage(NotMePage, "/not-me#7.abc.1.mac")).page;
});
afterEach(() => {
  page.unmount();
  vi.unstubAllGlobals();
});
async function press() {
  await page.get("button.danger").trigger("click");
  await flushPromises();
}

it("does nothing by being opened", () => {
  expect(api.calls()).toEqual([]);
  expect(currentToken()).toBe("t");
});

it("ends everything, here too, and leads to a new password", async () => {
  await press();
  expect(api.calls()).toEqual([call]);
  expect(currentToken()).toBeNull();
  expect(page.get("[role=status]").text()).toContain("code");
  expect(page.get("a[href='/forgot-password']").text()).toContain("password");
  expect(page.find("button.danger").exists()).toBe(false);
});

it("says where the code has to be asked for, if none could be sent", async () => {
  answers[call] = () => Response.json({ message: "OK", mailed: false });
  await press();
  expect(page.get("[role=status]").text()).not.toContain("sent");
});

it("shows a refusal, and stays to be tried again", async () => {
  answers[call] = () => problem(400, "link_invalid", "The link is not valid.");
  await press();
  expect(page.get("[role=alert]").text()).toContain("The link is not valid.");
  expect(page.find("button.danger").exists()).toBe(true);
  expect(currentToken()).toBe("t");
});
