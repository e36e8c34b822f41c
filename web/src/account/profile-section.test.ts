import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Component, h } from "vue";
import { type ApiUnderTest, answerWith, openPage } from "../../test/support/page-under-test.ts";
import { startSession } from "../session.ts";
import ProfileSection from "./ProfileSection.vue";
import UsernameDue from "./UsernameDue.vue";

const user = {
  ...{ id: 7, username: "python01", email: "44@qq.com", first_name: "", last_name: "", nickname: "小美" },
  avatar_url: null,
};
let api: ApiUnderTest;
let page: VueWrapper | undefined;
let changed: Record<string, unknown>[];

beforeEach(() => {
  api = answerWith({ "PATCH /user/": () => Response.json({ ...user, username_due: false }) });
  startSession({ token: "t1", username: "python01", userId: 7 }, false);
  changed = [];
});
afterEach(() => {
  page?.unmount();
  vi.unstubAllGlobals();
});

async function open(component: Component, more: object = {}): Promise<VueWrapper> {
  const onChanged = (one: Record<string, unknown>) => changed.push(one);
  const given = { user: { ...user, ...more }, onChanged };
  ({ page } = await openPage({ render: () => h(component, given as never) }, "/account"));
  return page;
}

describe("the profile", () => {
  it("shows and changes the nickname", async () => {
    const shown = await open(ProfileSection);
    const field = shown.get("input[name=nickname]");
    expect((field.element as HTMLInputElement).value).toBe("小美");
    await field.setValue("三哥");
    await shown.get("form").trigger("submit");
    await flushPromises();
    expect(api.asked).toEqual([
      { what: "PATCH /user/", body: { first_name: "", last_name: "", nickname: "三哥" } },
    ]);
  });
});

describe("a user name that nobody chose", () => {
  it("is asked for, and may be kept", async () => {
    const shown = await open(UsernameDue, { username_due: true });
    expect(shown.text()).toContain("Choose a user name");
    await shown
      .findAll("button")
      .find((one) => one.text() === "Keep python01")!
      .trigger("click");
    await flushPromises();
    expect(api.asked).toEqual([{ what: "PATCH /user/", body: { username_due: false } }]);
    expect(changed).toMatchObject([{ username_due: false }]);
  });

  it.each([false, undefined])("is not asked for where username_due is %j", async (username_due) => {
    expect((await open(UsernameDue, { username_due })).text()).toBe("");
  });
});
