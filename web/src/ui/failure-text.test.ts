import { ApiError } from "@meiduo/client";
import { beforeEach, expect, it } from "vitest";
import { language } from "../language.ts";
import { describeFailure, ownFailure } from "./failure-text.ts";

beforeEach(() => {
  language.value = "en";
});
const failed = (code: string, more: object = {}) => new ApiError({ code, message: "As it came.", ...more });

it.each([
  ["network", {}, "can’t be reached"],
  ["timeout", {}, "too long"],
  ["throttled", { status: 429, retryAfterSeconds: 30 }, "30"],
  ["throttled", { status: 429 }, "Too many tries"],
  ["busy", { status: 503, retryAfterSeconds: 7 }, "7"],
  ["unavailable", { status: 503 }, "busy"],
  ["not_the_api", { status: 502 }, "busy"],
  ["code_too_frequent", { status: 400 }, "As it came."],
])("words %s %o", (code, more, words) => {
  expect(describeFailure(failed(code, more), true).message).toContain(words);
});

it("says that the browser is offline where it is, and goes on saying so in the other language", () => {
  const failure = describeFailure(failed("network"), false);
  expect(failure.message).toContain("You’re offline");
  language.value = "zh-Hans";
  expect(failure.message).toContain("网络已断开");
});

it("follows a switch of language with the request's id, and with values that have two names", () => {
  const failure = describeFailure(failed("internal", { status: 500, requestId: "abc-123" }), true);
  const own = ownFailure("callback.incomplete", {
    get provider() {
      return language.value === "en" ? "Weibo" : "微博";
    },
  });
  expect([failure.detail, own.message]).toEqual([
    "Request id: abc-123",
    "Weibo didn’t send back what a log-in needs.",
  ]);
  language.value = "zh-Hans";
  expect([failure.detail, own.message.includes("微博")]).toEqual(["请求编号：abc-123", true]);
});
