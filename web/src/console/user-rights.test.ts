import { mount } from "@vue/test-utils";
import { expect, it } from "vitest";
import { answerWith } from "../../test/support/page-under-test.ts";
import { i18n } from "../language.ts";
import { en } from "./texts/en.ts";
import UserRights from "./UserRights.vue";

/** For a reader who may not see what groups give. */
function shown(groups: { id: number; name: string }[], permissions: string[]): string {
  answerWith({});
  const props = { user: { id: 7, is_superuser: false, groups, permissions } };
  return mount(UserRights, { props, global: { plugins: [i18n] } }).text();
}

it("says that an account has no permission only where that is known", () => {
  expect(shown([], [])).toContain(en.user.noPermissions);
  const inGroup = shown([{ id: 1, name: "clerks" }], []);
  expect(inGroup).toContain("clerks");
  expect(inGroup).not.toContain(en.user.noPermissions);
  expect(shown([{ id: 1, name: "clerks" }], ["users.view_user"])).toContain(en.user.own);
});
