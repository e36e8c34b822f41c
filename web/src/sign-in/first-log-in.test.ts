import { beforeEach, expect, it } from "vitest";
import {
  forgetFirstLogIn,
  keepFirstLogIn,
  keptFirstLogIn,
  noteBindingIntent,
  takeBindingIntent,
} from "./first-log-in.ts";

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

it("adds a provider once, to the account it was asked for, and to no other", () => {
  noteBindingIntent("github", 7);
  expect(takeBindingIntent("github", 7)).toBe(true);
  expect(takeBindingIntent("github", 7)).toBe(false);
  for (const [provider, user] of [
    ["qq", 7],
    ["github", 8],
    ["github", undefined],
  ] as const) {
    noteBindingIntent("github", 7);
    expect(takeBindingIntent(provider, user)).toBe(false);
  }
});
