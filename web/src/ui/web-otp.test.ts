import { afterEach, expect, it, vi } from "vitest";
import { codeFromSms } from "./web-otp.ts";

afterEach(() => vi.unstubAllGlobals());

/** A browser that has WebOTP, and what it was asked for. */
function browser(get: (options: { signal: AbortSignal }) => Promise<{ code?: string } | null>) {
  const asked: unknown[] = [];
  vi.stubGlobal("window", { OTPCredential: class {} });
  vi.stubGlobal("navigator", {
    credentials: {
      get: (options: { signal: AbortSignal }) => {
        asked.push(options);
        return get(options);
      },
    },
  });
  return asked;
}

it("asks for the code of an SMS, and hands it on", async () => {
  const asked = browser(async () => ({ code: "402758" }));
  const { signal } = new AbortController();
  expect(await codeFromSms(signal)).toBe("402758");
  expect(asked).toEqual([{ otp: { transport: ["sms"] }, signal }]);
});

it("is null where the reader says no, and where the page no longer waits", async () => {
  browser(async () => {
    throw new DOMException("no", "NotAllowedError");
  });
  expect(await codeFromSms(new AbortController().signal)).toBeNull();
  browser(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  const waiting = new AbortController();
  const code = codeFromSms(waiting.signal);
  waiting.abort();
  expect(await code).toBeNull();
});

it("asks nothing of a browser without it", async () => {
  vi.stubGlobal("window", {});
  vi.stubGlobal("navigator", {});
  expect(await codeFromSms(new AbortController().signal)).toBeNull();
});
