import { expect, it } from "vitest";
import { browserName } from "./browser-name.ts";

const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";

it.each([
  [`${windows} Chrome/126.0.0.0 Safari/537.36`, "Chrome/Windows"],
  [`${windows} Chrome/131.0.0.0 Safari/537.36`, "Chrome/Windows"],
  [`${windows} Chrome/126.0.0.0 Safari/537.36 Edg/126.0`, "Microsoft Edge/Windows"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox/Linux"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49",
    "WeChat/iOS",
  ],
  ["python-requests/2.32.3", "python-requests/"],
  ["axios/1.7.2", "axios/"],
  ["node", "node/"],
  ["", ""],
  ["   ", ""],
  [undefined, ""],
  ["\u0000(((", "/"],
])("calls %j %j", async (userAgent, name) => {
  expect(await browserName(userAgent)).toBe(name);
});

it("reads no more than the beginning of an endless one", async () => {
  expect(await browserName(`curl/8 ${"x".repeat(600)} Firefox/127.0`)).toBe("curl/");
});
