import { describe, expect, test } from "vitest";
import { createLog } from "./log.ts";
import { logDestination, readableLine } from "./readable-log.ts";

function logged(format: "auto" | "text", { isTTY = true, noColor = "" } = {}) {
  const written: string[] = [];
  const destination = logDestination(format, { isTTY, write: (text) => written.push(text) }, noColor);
  return { log: createLog("debug", destination), written };
}
const withoutTime = (text: string) => text.replace(/^\d\d:\d\d:\d\d\.\d{3}/, "TIME");

test("a line has the message and every field, and nothing of pino's", () => {
  const { log, written } = logged("text", { isTTY: false });
  log.info({ userId: 7, how: "sign_up", list: [1, "a b"] }, "logged in");
  expect(written.map(withoutTime)).toEqual([
    'TIME  INFO   logged in  userId=7  how=sign_up  list=[1,"a b"]\n',
  ]);
});

test("colours on a terminal; none with NO_COLOR, and none in a file", () => {
  const colour = "\u001b[";
  for (const [options, hasColours] of [
    [{}, true],
    [{ noColor: "1" }, false],
    [{ isTTY: false }, false],
  ] as const) {
    const { log, written } = logged("text", options);
    log.warn({ client: "192.0.2.0" }, "throttled");
    expect([options, written[0]!.includes(colour)]).toEqual([options, hasColours]);
  }
});

test("JSON stays JSON where it is asked for, and where nobody looks", () => {
  const stream = { isTTY: true, write: () => true };
  expect(logDestination("json", stream, undefined)).toBeUndefined();
  expect(logDestination("auto", { ...stream, isTTY: false }, undefined)).toBeUndefined();
  expect(logDestination("auto", stream, undefined)).toBeDefined();
});

describe("what others wrote", () => {
  test("moves no cursor, begins no line and turns no text", () => {
    const { log, written } = logged("text", { isTTY: false });
    log.info(
      { name: "a\u001b[2Kb\r\nINFO forged", rtl: "x\u202Ey", c1: "p\u009bq" },
      "seen\nINFO  forged too",
    );
    const [line] = written;
    expect(line!.match(/\n/g)).toHaveLength(1);
    expect(line!.slice(0, -1)).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(line).toContain("\\u{202e}");
    expect(line).toContain("seen\\u{a}INFO  forged too");
  });

  test("is shown without what deceives where it is no JSON at all", () => {
    expect(readableLine("plain \u001b[31mtext\n", true)).toBe("plain \\u{1b}[31mtext\n");
    expect(readableLine("7\n", false)).toBe("7\n");
  });

  test("secrets and addresses stay masked", () => {
    const { log, written } = logged("text", { isTTY: false });
    log.error({ token: "abc.def", err: new Error("550 <zhangsan@163.com> unknown") }, "not sent");
    expect(written.join("")).not.toMatch(/abc\.def|zhangsan@/);
    expect(written.join("")).toContain("z***@163.com");
  });
});

test("an error has its code, its stack and its causes below", () => {
  const { log, written } = logged("text", { isTTY: false });
  const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  log.error({ err: new Error("no database", { cause }) }, "not ready");
  const lines = written.join("").split("\n");
  expect(lines[1]).toBe("      Error: no database");
  expect(lines[2]).toMatch(/^ {8}at /);
  expect(lines).toContain("      Error: refused (ECONNREFUSED)");
});
