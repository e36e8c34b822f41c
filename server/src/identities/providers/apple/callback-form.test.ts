import { describe, expect, test } from "vitest";
import { readCode, readForm } from "./callback-form.ts";

const user = (name: unknown, more: object = {}) => JSON.stringify({ name, ...more });
const nameOf = (text: string) => readCode(readForm({ code: "c1", state: "s", user: text }).code!).name;

describe("the form that Apple sends people back by", () => {
  test("code and state go on as they came, and nothing else does", () => {
    const form = { code: "c06a.0.nrtx.dW4", state: "s1", id_token: "x", scope: "y" };
    expect(readForm(form)).toEqual({ code: "c06a.0.nrtx.dW4", state: "s1" });
    expect(readForm({ state: "s1" })).toEqual({ state: "s1" });
    expect(readForm({})).toEqual({});
  });

  test("who cancels is said in the standard's word; another error goes on, and a code beside one does not", () => {
    expect(readForm({ error: "user_cancelled_authorize", state: "s" })).toEqual({
      error: "access_denied",
      state: "s",
    });
    expect(readForm({ error: "server_error", code: "c", state: "s" })).toEqual({
      error: "server_error",
      state: "s",
    });
  });

  test.each([
    [{ firstName: "Mei", lastName: "Duo" }, "Mei Duo"],
    [{ firstName: "小美", lastName: "王" }, "王小美"],
    [{ firstName: "太郎", lastName: "やまだ" }, "やまだ太郎"],
    [{ firstName: "Mei", lastName: "王" }, "Mei 王"],
    [{ firstName: "飞翔的企鹅", lastName: "" }, "飞翔的企鹅"],
    [{ lastName: "Duo" }, "Duo"],
    [{ firstName: "x".repeat(500) }, "x".repeat(64)],
    [{ firstName: `x${"\u{1f600}".repeat(40)}` }, `x${"\u{1f600}".repeat(31)}`],
  ])("the name %j goes with the code as %s", (name, expected) => {
    const { code } = readForm({ code: "c1", state: "s", user: user(name) });
    expect(readCode(code!)).toEqual({ code: "c1", name: expected });
  });

  test.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a list", "[1]"],
    ["a text", '"Mei"'],
    ["a name that is a text", user("Mei")],
    ["names that are none", user({ firstName: { a: 1 }, lastName: 7 })],
    ["no name", user(undefined)],
    ["nothing", ""],
  ])("%s is no name", (_what, text) => {
    expect(readForm({ code: "c1", state: "s", user: text }).code).toBe("c1");
    expect(nameOf(text)).toBeNull();
  });

  test("an address beside the name is never handed on (attack: somebody else's)", () => {
    const text = user({ firstName: "Mei" }, { email: "victim@example.com" });
    const sent = readForm({ code: "c1", state: "s", user: text });
    expect(JSON.stringify([sent, readCode(sent.code!)])).not.toContain("victim");
    expect(Buffer.from(sent.code!.split("~")[1]!, "base64url").toString()).toBe("Mei");
  });

  test("a code that has the mark in it stays whole, and the API takes what it becomes", () => {
    const { code } = readForm({ code: "a~b", state: "s" });
    expect(readCode(code!)).toEqual({ code: "a~b", name: null });
    const long = readForm({ code: "c".repeat(1000), state: "s", user: user({ firstName: "长".repeat(64) }) });
    expect(long.code).toBe("c".repeat(1000));
    expect(readCode("c~%%%")).toEqual({ code: "c", name: null });
    expect(readCode("~TWVp")).toEqual({ code: "~TWVp", name: null });
  });
});
