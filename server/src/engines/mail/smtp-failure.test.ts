import { expect, test } from "vitest";
import { decodeServerText, readableFailure } from "./smtp-failure.ts";

const failure = (fields: object) => readableFailure(Object.assign(new Error("boom"), fields));

test.each([
  [
    "5xx to the recipient",
    { code: "EENVELOPE", command: "RCPT TO", responseCode: 550, response: "550 no" },
    true,
  ],
  ["5xx to the data", { code: "EMESSAGE", command: "DATA", responseCode: 554, response: "554 no" }, true],
  ["4xx to the data", { code: "EMESSAGE", command: "DATA", responseCode: 451, response: "451 later" }, false],
  [
    "4xx to the recipient",
    { code: "EENVELOPE", command: "RCPT TO", responseCode: 450, response: "450 x" },
    false,
  ],
  ["a refused log-in", { code: "EAUTH", command: "AUTH PLAIN", responseCode: 535, response: "535 x" }, false],
  ["a refused connection", { code: "ESOCKET", command: "CONN" }, false],
  [
    "5xx instead of a greeting",
    { code: "EPROTOCOL", command: "CONN", responseCode: 554, response: "554" },
    false,
  ],
  ["an aborted delivery", { name: "AbortError" }, false],
  ["nothing to send to", { code: "EENVELOPE", command: "API" }, true],
])("%s is permanent: %#", (_, fields, isPermanent) => expect(failure(fields).isPermanent).toBe(isPermanent));

test("the text is one line, bounded, and without addresses", () => {
  const { text } = failure({
    code: "EENVELOPE",
    command: "RCPT TO",
    response: `550 5.1.1 <zhangsan@163.com>\r\n${"x".repeat(2000)}`,
  });
  expect(text).toMatch(/^SMTP EENVELOPE at RCPT TO: 550 5\.1\.1 <z\*\*\*@163\.com> x+$/);
  expect(text.length).toBe(500);
});

test("GBK bytes handed over as Latin-1 become Chinese; everything else stays", () => {
  // 535 用户被锁定 in GBK
  const bytes = Buffer.from("35333520d3c3bba7b1bbcbf8b6a8", "hex").toString("latin1");
  expect(decodeServerText(bytes)).toBe("535 用户被锁定");
  expect(decodeServerText("535 用户被锁定")).toBe("535 用户被锁定");
  expect(decodeServerText("535 plain")).toBe("535 plain");
  expect(decodeServerText("broken \u00ff")).toBe("broken \u00ff");
});
