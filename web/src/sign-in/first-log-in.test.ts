import { beforeEach, expect, it } from "vitest";
import { forgetFirstLogIn, keepFirstLogIn, keptFirstLogIn } from "./first-log-in.ts";

beforeEach(() => sessionStorage.clear());

const start = 1_700_000_000_000;
const answer = {
  access_token: "t",
  bind_token: "t",
  profile: { nickname: "小美", avatar: null, email: null },
  next: "/account",
};

it("outlives a reload, but neither the ticket nor another provider's page", () => {
  keepFirstLogIn("qq", answer, () => start);
  expect(keptFirstLogIn("qq", () => start + 589_000)).toMatchObject({ bindToken: "t", next: "/account" });
  expect(keptFirstLogIn("qq", () => start + 590_000)).toBeNull();
  expect(keptFirstLogIn("weibo", () => start)).toBeNull();
  forgetFirstLogIn();
  expect(keptFirstLogIn("qq", () => start)).toBeNull();
});

it("drops the address another person began to bind with", () => {
  const draft = "meiduo.draft.first-log-in.bind";
  for (const change of [() => keepFirstLogIn("qq", answer, () => start), forgetFirstLogIn]) {
    sessionStorage.setItem(draft, '{"email":"someone.else@example.com"}');
    change();
    expect(sessionStorage.getItem(draft)).toBeNull();
  }
});
