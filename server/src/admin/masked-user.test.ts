import { expect, test } from "vitest";
import { maskEntry, maskUser, maskUserView } from "./masked-user.ts";

const shown = {
  ...{ id: 7, username: "zhangsan", email: "zhangsan@163.com", mobile: "13800138000" },
  ...{ first_name: "三丰", last_name: "张", full_name: "张三丰", nickname: "call 13800138000" },
  ...{ is_active: true, is_staff: false, is_superuser: false, email_active: true, mobile_verified: false },
  ...{ last_login: null, deletion_due: null, version: 1, date_joined: "2026-11-29T00:00:00.000Z" },
};

test("what is left is enough to recognise, and too little to write to", () => {
  expect(maskUser(shown)).toEqual({
    ...shown,
    ...{ email: "z***@163.com", mobile: "138****8000", nickname: "call 138****8000" },
    ...{ first_name: "三*", full_name: "张**" },
  });
});

test("a user name that is an address or a number is one", () => {
  expect(maskUser({ ...shown, username: "13800138000" }).username).toBe("138****8000");
  expect(maskUser({ ...shown, username: "zhangsan@163.com" }).username).toBe("z***@163.com");
});

test("the site's own fields and how a parent is reached are shown in the same way", () => {
  const view = { ...shown, groups: [], permissions: [], fields: { backup: "wang@163.com", floor: 3 } };
  const age = { declared: "guardian_agrees" as const, guardian_contact: "妈妈 13900139000" };
  expect(maskUserView({ ...view, age })).toMatchObject({
    ...{ email: "z***@163.com", fields: { backup: "w***@163.com", floor: 3 } },
    age: { declared: "guardian_agrees", guardian_contact: "妈妈 139****9000" },
  });
  expect(maskUserView({ ...view, age: null }).age).toBeNull();
  expect(maskUserView(view)).not.toHaveProperty("age");
});

test("what isn't there stays so", () => {
  const nobody = { ...shown, email: null, mobile: null, nickname: null, first_name: "", full_name: "" };
  expect(maskUser(nobody)).toEqual({ ...nobody });
});

test("an entry of the audit log shows nobody's address, number or whole name", () => {
  const entry = {
    ...{ id: 3, action: "user.change", actor: { id: 7, username: "zhangsan@163.com" } },
    ...{
      on_behalf_of: { id: 8, username: "13800138000" },
      target: { kind: "user", id: 9, name: "+85251234567" },
    },
    before: { email: "zhangsan@163.com", last_name: "张三丰", is_active: true, names: ["a@b.com"] },
    after: { email: null, last_name: "李", is_active: false },
  };
  expect(maskEntry(entry)).toEqual({
    ...{ id: 3, action: "user.change", actor: { id: 7, username: "z***@163.com" } },
    ...{
      on_behalf_of: { id: 8, username: "138****8000" },
      target: { kind: "user", id: 9, name: "+852****567" },
    },
    before: { email: "z***@163.com", last_name: "张**", is_active: true, names: ["a***@b.com"] },
    after: { email: null, last_name: "李", is_active: false },
  });
});
